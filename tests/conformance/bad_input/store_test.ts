/**
 * A damaged data folder: every changed row is noticed where it is read and answered with a code and
 * a mend, never with a defect, and what was not damaged is still there.
 */
import { assertEquals, assertRejects } from "@std/assert";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { hash32 } from "../../../core/primitives/hex.ts";
import { BLOB_CHUNKS, blobHash } from "../../../core/store/blob.ts";
import {
  BATCHES,
  BLOCKS,
  CHAIN,
  CHECKPOINTS,
  CODES,
  L1_EVENTS,
  LEAVES,
  SCHEMA_VERSION,
  TABLES,
} from "../../../core/store/schema.ts";
import { type KeyPart, listRows, requireRow, type Table } from "../../../core/store/table.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { DEVNET_CHAIN } from "../../../devnet/chain_config.ts";
import { L1CHAIN_HEAD, L1CHAIN_IDENTITY, L1CHAIN_TABLES } from "../../../devnet/l1/schema.ts";
import { copyStores, openMemoryRollup, type Stores } from "../proving/rollup_in_memory.ts";
import { openLivedInStores, usesOf } from "./lived_in.ts";

/** What a damaged folder may be refused with. */
const CODES_OF_DAMAGE = new Set([
  "STORE_ROW_CORRUPT",
  "STORE_ROW_MISSING",
  "STORE_BLOB_CORRUPT",
  "STORE_BLOB_MISSING",
  "DATA_FOLDER_OTHER_VERSION",
  "L1_OTHER_VERSION",
]);

type Damage = (stores: Stores) => Promise<unknown>;

/** The codes with which a use of the damaged copy of `whole` ends; anything else fails. */
async function useDamaged(whole: Stores, damage: Damage, what: string): Promise<Set<string>> {
  using stores = await copyStores(whole);
  await damage(stores);
  const codes = new Set<string>();
  const note = (error: unknown, use: string) => {
    if (!(error instanceof RollupError)) {
      throw new Error(`${what}: "${use}" ends in a defect`, { cause: error });
    }
    assert(error.mend.length > 0, `${what}: "${use}" names a mend`);
    codes.add(error.code);
  };
  const rollup = await openMemoryRollup(stores).catch((error) => note(error, "open"));
  for (const [use, run] of rollup === undefined ? [] : usesOf(rollup)) {
    await run().catch((error) => note(error, use));
  }
  return codes;
}

async function rowsOf(kv: Deno.Kv, table: { readonly name: string }) {
  const rows: Deno.KvEntry<unknown>[] = [];
  for await (const row of kv.list<unknown>({ prefix: [table.name] })) rows.push(row);
  return rows;
}

/** `value` with one change in it, once for each field and kind of change. */
function changesOf(value: unknown): unknown[] {
  if (value instanceof Uint8Array) {
    const last = value.length - 1;
    return [value.with(last, (value[last] ?? 0) ^ 1), value.slice(0, -1), new Uint8Array(0)];
  }
  if (typeof value === "bigint") return [value + 1n, -1n, 1n << 70n];
  if (typeof value === "number") return [value + 1, -1, Number.NaN];
  if (typeof value === "string") return [`${value}0`, ""];
  if (typeof value !== "object" || value === null) return ["garbage"];
  return Object.entries(value).flatMap(([name, field]) =>
    changesOf(field).map((changed) => ({ ...value, [name]: changed }))
  );
}

const GARBAGE: readonly unknown[] = ["garbage", 7, null, {}, [], new Uint8Array(3)];

Deno.test("listRows() refuses any one change to any row of a table", async () => {
  using whole = await openLivedInStores();
  const cases: readonly (readonly [Deno.Kv, readonly Table<readonly KeyPart[], unknown>[]])[] = [
    [whole.node, TABLES.filter((table) => table !== LEAVES && table !== BLOB_CHUNKS)],
    [whole.l1, L1CHAIN_TABLES],
  ];
  for (const [kv, tables] of cases) {
    for (const table of tables) {
      const rows = await rowsOf(kv, table);
      // The embedded L1 mines at once: nothing waits in its pool.
      assertEquals(rows.length > 0, table.name !== "l1chain_pool", table.name);
      for (const { key, value } of rows.slice(0, 5)) {
        for (const changed of [...GARBAGE, ...changesOf(value)]) {
          await kv.set(key, changed);
          const error = await assertRejects(
            () => Array.fromAsync(listRows(kv, table)),
            RollupError,
            undefined,
            Deno.inspect({ key, changed }),
          );
          assertEquals(error.code, "STORE_ROW_CORRUPT");
        }
        await kv.set(key, value);
      }
      assertEquals((await Array.fromAsync(listRows(kv, table))).length, rows.length);
    }
  }
});

Deno.test("createEngine() and every verb name the damage of a changed row", async (t) => {
  using whole = await openLivedInStores();
  assertEquals(await useDamaged(whole, () => Promise.resolve(), "a whole folder"), new Set());
  for (const table of TABLES) {
    await t.step(table.name, async () => {
      const rows = await rowsOf(whole.node, table);
      const [first, last] = [rows[0], rows.at(-1)];
      assert(first !== undefined && last !== undefined, "the folder has a row in every table");
      const [changed] = changesOf(last.value);
      const seen = new Set<string>();
      for (const [{ key }, value] of [[first, "garbage"], [last, changed]] as const) {
        const what = `${table.name} ${Deno.inspect(key)}`;
        const codes = await useDamaged(whole, ({ node }) => node.set(key, value), what);
        for (const code of codes) {
          assert(CODES_OF_DAMAGE.has(code), `${what} ends in ${code}`);
          seen.add(code);
        }
      }
      // Some chunks are of bytes that nothing points to any more; those that are needed are below.
      if (table !== BLOB_CHUNKS) assert(seen.size > 0, `damage of ${table.name} is noticed`);
    });
  }
});

Deno.test("a missing or changed chunk is named, whatever it is a piece of", async (t) => {
  using whole = await openLivedInStores();
  const fields: [string, Uint8Array][] = [];
  const block = await requireRow(whole.node, BLOCKS, [3n]);
  const batch = await requireRow(whole.node, BATCHES, [2n]);
  fields.push(["a block's body", block.bodyBlob], ["a batch's data", batch.dataBlob]);
  for (const [what, field] of fields) {
    const hash = blobHash(field);
    assert(hash !== undefined, `${what} is large`);
    const chunks = (await rowsOf(whole.node, BLOB_CHUNKS)).filter(({ key }) =>
      key[1] instanceof Uint8Array && `0x${key[1].toHex()}` === hash
    );
    assert(chunks.length > 1, `${what} has several chunks`);
    for (const { key, value } of chunks) {
      assert(value instanceof Uint8Array, "a chunk is bytes");
      await t.step(`${what}, chunk ${String(key[2])}`, async () => {
        const missing = await useDamaged(whole, ({ node }) => node.delete(key), what);
        assertEquals(missing, new Set(["STORE_BLOB_MISSING"]));
        const flipped = value.with(9, (value[9] ?? 0) ^ 1);
        const changed = await useDamaged(whole, ({ node }) => node.set(key, flipped), what);
        assertEquals(changed, new Set(["STORE_BLOB_CORRUPT"]));
      });
    }
  }
});

Deno.test("openState() refuses any flipped byte of a leaf and any missing one", async () => {
  using whole = await openLivedInStores();
  for (const { key, value } of await rowsOf(whole.node, LEAVES)) {
    assert(value instanceof Uint8Array, "a leaf is bytes");
    const at = Number(key[1]) * 7 % value.length;
    const changes: readonly Damage[] = [
      ({ node }) => node.set(key, value.with(at, (value[at] ?? 0) ^ 1)),
      ({ node }) => node.set(key, value.slice(1)),
      ({ node }) => node.delete(key),
    ];
    for (const damage of changes) {
      using stores = await copyStores(whole);
      await damage(stores);
      const error = await assertRejects(() => openMemoryRollup(stores), RollupError);
      assertEquals(error.code, "STORE_ROW_CORRUPT", `leaf ${String(key[1])}`);
    }
  }
});

Deno.test("createEngine() refuses a folder that has lost what it must have, and keeps the rest", async () => {
  using whole = await openLivedInStores();
  const lost: readonly (readonly [string, string, Damage])[] = [
    ["the chain's row", "STORE_ROW_MISSING", ({ node }) => node.delete([CHAIN.name, "chain"])],
    [
      "the latest block's number",
      "STORE_ROW_MISSING",
      ({ node }) => node.delete([CHECKPOINTS.name, "build_block"]),
    ],
    ["the latest block", "STORE_ROW_MISSING", ({ node }) => node.delete([BLOCKS.name, 3n])],
    ["genesis", "STORE_ROW_MISSING", ({ node }) => node.delete([BLOCKS.name, 0n])],
    [
      "the event of a sequenced batch",
      "STORE_ROW_CORRUPT",
      async ({ node }) => {
        const rows = await rowsOf(node, L1_EVENTS);
        const first = rows.find(({ value }) => Object(value).kind === "sequenced");
        assert(first !== undefined, "L1 has said something");
        await node.delete(first.key);
      },
    ],
    [
      "the L1's identity",
      "STORE_ROW_MISSING",
      ({ l1 }) => l1.delete([L1CHAIN_IDENTITY.name, "chain"]),
    ],
    ["the L1's head", "STORE_ROW_MISSING", ({ l1 }) => l1.delete([L1CHAIN_HEAD.name, "head"])],
  ];
  for (const [what, code, damage] of lost) {
    using stores = await copyStores(whole);
    await damage(stores);
    const before = await dump(stores);
    const error = await assertRejects(() => openMemoryRollup(stores), RollupError, undefined, what);
    assertEquals(error.code, code, what);
    assertEquals(await dump(stores), before, `${what}: a refusal writes nothing`);
  }
});

async function dump(stores: Stores): Promise<readonly [unknown, unknown]> {
  const rows = async (kv: Deno.Kv) => await Array.fromAsync(kv.list({ prefix: [] }));
  return [await rows(stores.l1), await rows(stores.node)];
}

Deno.test("createEngine() refuses a code whose bytes were changed, where it runs", async () => {
  using whole = await openLivedInStores();
  for (const { key } of await rowsOf(whole.node, CODES)) {
    const codes = await useDamaged(whole, ({ node }) => node.set(key, new Uint8Array(3)), "a code");
    assertEquals(codes, new Set(["STORE_ROW_CORRUPT"]));
  }
});

Deno.test("createEngine() refuses another genesis and another version", async () => {
  using whole = await openLivedInStores();
  const [account] = DEVNET_CHAIN.accounts;
  assert(account !== undefined, "the devnet has accounts");
  const others = [
    { ...DEVNET_CHAIN, chainId: DEVNET_CHAIN.chainId + 1n },
    { ...DEVNET_CHAIN, genesisTimestampSec: DEVNET_CHAIN.genesisTimestampSec + 1n },
    {
      ...DEVNET_CHAIN,
      accounts: [{ ...account, balanceWei: 1n }, ...DEVNET_CHAIN.accounts.slice(1)],
    },
  ];
  for (const config of others) {
    const error = await assertRejects(() => openMemoryRollup(whole, config), RollupError);
    assertEquals(error.code, "GENESIS_MISMATCH");
    assert(error.mend.includes("--data"), `"${error.mend}" names the flag`);
  }
  using other = await copyStores(whole);
  const writes = createWriteSet(other.node);
  const chain = await requireRow(other.node, CHAIN, ["chain"]);
  writes.set(CHAIN, ["chain"], { ...chain, schemaVersion: SCHEMA_VERSION + 1n });
  await writes.commit();
  const error = await assertRejects(() => openMemoryRollup(other), RollupError);
  assertEquals(error.code, "DATA_FOLDER_OTHER_VERSION");

  // A refusal changes nothing: the right configuration opens it, and all is there.
  const codes = await useDamaged(whole, () => Promise.resolve(), "a whole folder");
  assertEquals(codes, new Set());
});

Deno.test("createEngine() refuses a folder and a contract of another program, naming both", async () => {
  using whole = await openLivedInStores();
  const executor = createWasmExecutor();
  const other = { ...executor, programHash: hash32(`0x${"17".repeat(32)}`) };
  const refusal = async () => {
    const error = await assertRejects(
      () => openMemoryRollup(whole, DEVNET_CHAIN, other),
      RollupError,
    );
    assertEquals(error.code, "GENESIS_MISMATCH");
    for (const hash of [executor.programHash, other.programHash]) {
      assert(error.message.includes(hash), `"${error.message}" names ${hash}`);
    }
    for (const words of ["version of varve", "--data"]) assert(error.mend.includes(words), words);
    return error.message;
  };
  assert((await refusal()).includes("data folder"), "the folder comes first");
  const before = await dump(whole);
  for (const { name } of TABLES) {
    for (const { key } of await rowsOf(whole.node, { name })) await whole.node.delete(key);
  }
  // A new folder beside an L1 that has the contract of the right program.
  assert((await refusal()).includes("programHash"), "the contract keeps its own");
  assertEquals((await dump(whole))[0], before[0]);
});

Deno.test("the embedded L1 names the damage of a changed row", async (t) => {
  using whole = await openLivedInStores();
  // What nothing of this flow reads: hashes of blocks, and positions of what was mined long ago.
  const unread = new Set(["l1chain_block_numbers", "l1chain_tx_positions", "l1chain_pool"]);
  for (const table of L1CHAIN_TABLES) {
    if (unread.has(table.name)) continue;
    await t.step(table.name, async () => {
      const seen = new Set<string>();
      for (const { key, value } of await rowsOf(whole.l1, table)) {
        const [changed] = changesOf(value);
        const what = `${table.name} ${Deno.inspect(key)}`;
        const codes = await useDamaged(whole, ({ l1 }) => l1.set(key, changed), what);
        for (const code of codes) seen.add(code);
        if (seen.size > 0) break;
      }
      // Through the port of an L1 node the damage is the node's, whose words and mend come along.
      assert(seen.size > 0, `damage of ${table.name} is noticed`);
      for (const code of seen) {
        assert(CODES_OF_DAMAGE.has(code) || code === "L1_REJECTED", `${table.name}: ${code}`);
      }
    });
  }
});
