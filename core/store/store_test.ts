/** Tables, write sets and blobs over KV in memory. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { AssertionError, RollupError } from "../primitives/errors.ts";
import { BLOB_CHUNKS, readBlob, writeBlob } from "./blob.ts";
import { CHAIN, CHECKPOINTS, CODES, L1_BLOCKS, LEAVES, TABLES } from "./schema.ts";
import { listRows, readRow, requireRow } from "./table.ts";
import { createWriteSet } from "./write_set.ts";

async function withKv(action: (kv: Deno.Kv) => Promise<void>): Promise<void> {
  const kv = await Deno.openKv(":memory:");
  try {
    await action(kv);
  } finally {
    kv.close();
  }
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, RollupError);
  return error.code;
}

Deno.test("TABLES have distinct names and say what a row and its key are", () => {
  const names = TABLES.map((table) => table.name);
  assertEquals(new Set(names).size, names.length);
  for (const table of TABLES) assertEquals(/Key: /.test(table.doc), true, table.name);
});

Deno.test("a row reads back as it was written, and is undefined before", () =>
  withKv(async (kv) => {
    assertEquals(await readRow(kv, CHECKPOINTS, ["build_block"]), undefined);
    const writes = createWriteSet(kv);
    writes.set(CHECKPOINTS, ["build_block"], 7n);
    await writes.commit();
    assertEquals(await requireRow(kv, CHECKPOINTS, ["build_block"]), 7n);
  }));

Deno.test("a row stores the bytes of its fields, not the buffers that they are cut from", () =>
  withKv(async (kv) => {
    const buffer = new Uint8Array(8_192).fill(7);
    const writes = createWriteSet(kv);
    writes.set(LEAVES, [3n], buffer.subarray(64, 128));
    writes.set(CODES, [buffer.subarray(0, 32)], buffer.subarray(1, 9));
    await writes.commit();
    const stored = [
      await requireRow(kv, LEAVES, [3n]),
      await requireRow(kv, CODES, [buffer.slice(0, 32)]),
    ];
    assertEquals(stored.map((bytes) => bytes.buffer.byteLength), [64, 8]);
  }));

Deno.test("readRow() refuses a row of another shape with STORE_ROW_CORRUPT", () =>
  withKv(async (kv) => {
    await kv.set([CHECKPOINTS.name, "build_block"], "seven");
    await kv.set([CHAIN.name, "chain"], { schemaVersion: 1n });
    assertEquals(await codeOf(readRow(kv, CHECKPOINTS, ["build_block"])), "STORE_ROW_CORRUPT");
    assertEquals(await codeOf(readRow(kv, CHAIN, ["chain"])), "STORE_ROW_CORRUPT");
    assertEquals(await codeOf(requireRow(kv, L1_BLOCKS, [1n])), "STORE_ROW_MISSING");
  }));

Deno.test("listRows() goes in numeric order, bounded on both sides, either way round", () =>
  withKv(async (kv) => {
    const writes = createWriteSet(kv);
    for (const number of [1n, 2n, 10n, 300n]) {
      writes.set(L1_BLOCKS, [number], { hash: String(number) });
    }
    await writes.commit();
    const list = async (range: Parameters<typeof listRows>[2]) => {
      const hashes: string[] = [];
      for await (const { value } of listRows(kv, L1_BLOCKS, range)) hashes.push(value.hash);
      return hashes;
    };
    assertEquals(await list({}), ["1", "2", "10", "300"]);
    assertEquals(await list({ from: [2n] }), ["2", "10", "300"]);
    assertEquals(await list({ until: [10n] }), ["1", "2"]);
    assertEquals(await list({ from: [2n], until: [300n] }), ["2", "10"]);
    assertEquals(await list({ reverse: true, limit: 2 }), ["300", "10"]);
    assertEquals(await list({ until: [10n], reverse: true }), ["2", "1"]);
  }));

Deno.test("createWriteSet() refuses what does not fit one commit and a second commit", () =>
  withKv(async (kv) => {
    const writes = createWriteSet(kv);
    for (let number = 0n; number < 1_000n; number++) writes.delete(L1_BLOCKS, [number]);
    assertEquals(writes.hasRoomFor(1, 0), false);
    assertThrows(() => writes.delete(L1_BLOCKS, [1_000n]), AssertionError);
    const small = createWriteSet(kv);
    await small.commit();
    await assertRejects(() => small.commit(), AssertionError);
  }));

Deno.test("writeBlob() keeps any length; readBlob() finds a missing or damaged chunk", () =>
  withKv(async (kv) => {
    for (const sizeBytes of [0, 1, 32_000, 32_001, 60_000, 130_000, 1_500_000]) {
      const bytes = new Uint8Array(sizeBytes).map((_, index) => index * 7 + (index >> 8));
      assertEquals(await readBlob(kv, await writeBlob(kv, bytes)), bytes);
    }
    const field = await writeBlob(kv, new Uint8Array(130_000).fill(1));
    const key = [BLOB_CHUNKS.name, field.slice(1, 33), 1n];
    await kv.set(key, new Uint8Array(60_000).fill(2));
    assertEquals(await codeOf(readBlob(kv, field)), "STORE_BLOB_CORRUPT");
    await kv.delete(key);
    assertEquals(await codeOf(readBlob(kv, field)), "STORE_BLOB_MISSING");
    assertEquals(await codeOf(readBlob(kv, Uint8Array.of(9, 9))), "STORE_BLOB_CORRUPT");
  }));
