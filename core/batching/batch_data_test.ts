import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import fixture from "../../fixtures/wire/batch_data_v1.json" with { type: "json" };
import { concatBytes } from "../primitives/bytes.ts";
import { assert, AssertionError } from "../primitives/errors.ts";
import { bytesToHex, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  batchDataSizeBytes,
  batchFrameBytes,
  blockHeaderBytes,
  decodeBatchData,
  encodeBatchData,
  txBytes,
} from "./batch_data.ts";

const SEED = 20_260_801;

function decodedCode(data: Uint8Array, previous = 0n, limit = 1n << 63n): string {
  const decoded = decodeBatchData(data, previous, limit);
  return decoded.ok ? "OK" : decoded.reason.code;
}

for (const valid of fixture.valid) {
  const previous = BigInt(valid.previousTimestampSec);
  const blocks = valid.blocks.map((block) => ({
    timestampSec: BigInt(block.timestampSec),
    l1ToL2OperationCount: block.l1ToL2OperationCount,
    transactions: block.transactions.map(hexToBytes),
  }));

  Deno.test(`encodeBatchData() writes the frozen bytes of: ${valid.name}`, () => {
    assertEquals(bytesToHex(encodeBatchData(blocks, previous)), valid.bytes);
  });

  Deno.test(`decodeBatchData() reads the frozen bytes of: ${valid.name}`, () => {
    const limit = BigInt(valid.limitTimestampSec);
    assertEquals(decodeBatchData(hexToBytes(valid.bytes), previous, limit), { ok: true, blocks });
  });
}

for (const malformed of fixture.malformed) {
  Deno.test(`decodeBatchData() answers ${malformed.code} to: ${malformed.name}`, () => {
    const previous = BigInt(malformed.previousTimestampSec);
    const limit = BigInt(malformed.limitTimestampSec);
    assertEquals(decodedCode(hexToBytes(malformed.bytes), previous, limit), malformed.code);
  });
}

Deno.test("decodeBatchData() refuses 120,001 bytes and takes 120,000", () => {
  const filler = (sizeBytes: number) => new Uint8Array(sizeBytes).fill(2);
  const rest = LIMITS.maxBatchDataBytes - batchFrameBytes - blockHeaderBytes - 2 * 4 - 60_000;
  const full = encodeBatchData(
    [{ timestampSec: 1n, transactions: [filler(60_000), filler(rest)] }],
    0n,
  );
  assertEquals(full.length, 120_000);
  assertEquals(decodedCode(full), "OK");
  assertEquals(decodedCode(concatBytes(full, Uint8Array.of(0))), "BATCH_DATA_OVERSIZED");
});

Deno.test("decodeBatchData() takes a transaction of the longest length", () => {
  const raw = new Uint8Array(LIMITS.maxTxBytes).fill(0x0b);
  const data = encodeBatchData([{ timestampSec: 7n, transactions: [raw] }], 6n);
  assertEquals(decodeBatchData(data, 6n, 7n), {
    ok: true,
    blocks: [{ timestampSec: 7n, l1ToL2OperationCount: 0, transactions: [raw] }],
  });
});

Deno.test("decodeBatchData() keeps no reference to the bytes that it read", () => {
  const data = encodeBatchData([{ timestampSec: 1n, transactions: [Uint8Array.of(2)] }], 0n);
  const decoded = decodeBatchData(data, 0n, 1n);
  data.fill(0xff);
  assert(decoded.ok, "the bytes are a batch");
  assertEquals(decoded.blocks[0]?.transactions[0], Uint8Array.of(2));
});

Deno.test("decodeBatchData() names both numbers of a refused timestamp", () => {
  const data = encodeBatchData([{ timestampSec: 105n, transactions: [] }], 100n);
  const decoded = decodeBatchData(data, 100n, 104n);
  assert(!decoded.ok, "the timestamp is past the limit");
  assertEquals(
    decoded.reason.message,
    "Cannot decode batch data as a block's timestamp must be at most 104: it is 105",
  );
});

Deno.test("encodeBatchData() treats a block that breaks a rule as a defect", () => {
  const block = (timestampSec: bigint, ...transactions: Uint8Array[]) => ({
    timestampSec,
    transactions,
  });
  const attempts = [
    () => encodeBatchData([], 0n),
    () => encodeBatchData([block(5n)], 5n),
    () => encodeBatchData([block(4n)], 5n),
    () => encodeBatchData([block(1n << 32n)], 0n),
    () => encodeBatchData([block(1n, new Uint8Array(0))], 0n),
    () => encodeBatchData([block(1n, new Uint8Array(LIMITS.maxTxBytes + 1))], 0n),
    () => encodeBatchData([block(1n, ...Array<Uint8Array>(301).fill(Uint8Array.of(2)))], 0n),
    () => encodeBatchData(Array.from({ length: 257 }, (_, at) => block(BigInt(at + 1))), 0n),
    () => encodeBatchData([{ ...block(1n), l1ToL2OperationCount: 51 }], 0n),
    () => encodeBatchData([1n, 2n].map((at) => ({ ...block(at), l1ToL2OperationCount: 26 })), 0n),
    () => encodeBatchData([{ ...block(1n), l1ToL2OperationCount: -1 }], 0n),
  ];
  for (const attempt of attempts) assertThrows(attempt, AssertionError);
});

const transactionArbitrary = fc.uint8Array({ minLength: 1, maxLength: 300 });
const blocksArbitrary = fc.array(
  fc.record({
    deltaSec: fc.bigInt({ min: 1n, max: (1n << 32n) - 1n }),
    // 12 blocks of 4 stay below 50.
    l1ToL2OperationCount: fc.nat(4),
    transactions: fc.array(transactionArbitrary, { maxLength: 6 }),
  }),
  { minLength: 1, maxLength: 12 },
);

Deno.test("decodeBatchData() gives back what encodeBatchData() wrote, at the told size", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1n << 62n }), blocksArbitrary, (previous, steps) => {
      let timestampSec = previous;
      const blocks = steps.map(({ deltaSec, ...rest }) => {
        timestampSec += deltaSec;
        return { timestampSec, ...rest };
      });
      const data = encodeBatchData(blocks, previous);
      assertEquals(data.length, batchDataSizeBytes(blocks));
      assertEquals(decodeBatchData(data, previous, timestampSec), { ok: true, blocks });
    }),
    { seed: SEED, numRuns: 200 },
  );
});

Deno.test("decodeBatchData() is total and canonical on random and on damaged bytes", () => {
  // Built from the format's own pieces, so that many runs get past the first check.
  const piece = fc.oneof(
    fc.constant(Uint8Array.of(0x01)),
    fc.tuple(fc.nat(3), fc.constantFrom(0, 0, 0, 1, 25, 51))
      .map(([delta, count]) => Uint8Array.of(0x0b, 0, 0, 0, delta, 0, 0, 0, count)),
    fc.uint8Array({ maxLength: 9 }).map((raw) => Uint8Array.of(0, 0, 0, raw.length, ...raw)),
    fc.uint8Array({ maxLength: 3 }),
  );
  let decodedCount = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(piece, { maxLength: 12 }), (versioned, pieces) => {
      const version = versioned ? Uint8Array.of(0x01) : new Uint8Array(0);
      const data = concatBytes(version, ...pieces);
      const decoded = decodeBatchData(data, 10n, 25n);
      if (!decoded.ok) return;
      decodedCount++;
      assertEquals(encodeBatchData(decoded.blocks, 10n), data);
    }),
    { seed: SEED, numRuns: 3_000 },
  );
  assert(decodedCount > 20, "the property saw valid batches as well");
});

Deno.test("batchDataSizeBytes() adds up the incremental sizes", () => {
  const raw = new Uint8Array(33);
  assertEquals(batchDataSizeBytes([]), batchFrameBytes);
  assertEquals(
    batchDataSizeBytes([{ transactions: [raw, raw] }, { transactions: [] }]),
    batchFrameBytes + 2 * blockHeaderBytes + 2 * txBytes(raw),
  );
});
