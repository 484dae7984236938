import { assert, assertEquals } from "@std/assert";
import { LIMITS } from "../primitives/limits.ts";
import type { BatchCounters } from "../types/batch.ts";
import { encodeBatchData, txBytes } from "./batch_data.ts";
import {
  blockFull,
  DEFAULT_SEAL_LIMITS,
  EMPTY_BATCH_COUNTERS,
  exceedsAlone,
  fits,
  sealPolicy,
} from "./seal_policy.ts";

const limits = {
  ...DEFAULT_SEAL_LIMITS,
  maxBatchDataBytes: 1_000,
  maxTxsPerBatch: 5,
  maxBlocksPerBatch: 3,
  maxBatchGas: 500_000n,
  maxBatchAgeSec: 10n,
  maxTxsPerBlock: 4,
  blockGasLimit: 100_000n,
  maxTxBytes: 990,
};

const oneBlock: BatchCounters = {
  txCount: 1,
  blockCount: 1,
  gasUsed: 21_000n,
  batchDataBytes: 120,
};

Deno.test("sealPolicy() leaves a batch open below every limit", () => {
  assertEquals(sealPolicy({ counters: oneBlock, ageSec: 9n }, limits), undefined);
});

Deno.test("sealPolicy() seals exactly when a counter reaches its limit", () => {
  const cases: readonly [Partial<BatchCounters>, Partial<BatchCounters>, string][] = [
    [{ batchDataBytes: 999 }, { batchDataBytes: 1_000 }, "batch data bytes"],
    [{ txCount: 4 }, { txCount: 5 }, "transaction count"],
    [{ blockCount: 2 }, { blockCount: 3 }, "block count"],
    [{ gasUsed: 499_999n }, { gasUsed: 500_000n }, "gas"],
  ];
  for (const [below, at, reason] of cases) {
    assertEquals(
      sealPolicy({ counters: { ...oneBlock, ...below }, ageSec: 0n }, limits),
      undefined,
    );
    assertEquals(sealPolicy({ counters: { ...oneBlock, ...at }, ageSec: 0n }, limits), reason);
  }
});

Deno.test("sealPolicy() seals by time once a batch has a block", () => {
  assertEquals(sealPolicy({ counters: oneBlock, ageSec: 10n }, limits), "time");
  assertEquals(sealPolicy({ counters: EMPTY_BATCH_COUNTERS, ageSec: 10n }, limits), undefined);
});

Deno.test("fits() takes what reaches a limit and refuses one more", () => {
  const tx = { bytes: 104, gas: 50_000n, newBlock: true };
  assertEquals(fits({ ...oneBlock, batchDataBytes: 887 }, tx, limits), undefined);
  assertEquals(fits({ ...oneBlock, batchDataBytes: 888 }, tx, limits), "batch data bytes");
  assertEquals(
    fits({ ...oneBlock, batchDataBytes: 896 }, { ...tx, newBlock: false }, limits),
    undefined,
  );
  assertEquals(fits({ ...oneBlock, txCount: 4 }, tx, limits), undefined);
  assertEquals(fits({ ...oneBlock, txCount: 5 }, tx, limits), "transaction count");
  assertEquals(fits({ ...oneBlock, blockCount: 2 }, tx, limits), undefined);
  assertEquals(fits({ ...oneBlock, blockCount: 3 }, tx, limits), "block count");
  assertEquals(fits({ ...oneBlock, blockCount: 3 }, { ...tx, newBlock: false }, limits), undefined);
  assertEquals(fits({ ...oneBlock, gasUsed: 450_000n }, tx, limits), undefined);
  assertEquals(fits({ ...oneBlock, gasUsed: 450_001n }, tx, limits), "gas");
});

Deno.test("fits() counts an empty block as no transaction", () => {
  const emptyBlock = { bytes: 0, txCount: 0, newBlock: true };
  assertEquals(fits({ ...oneBlock, txCount: 5 }, emptyBlock, limits), undefined);
  assertEquals(fits({ ...oneBlock, blockCount: 3 }, emptyBlock, limits), "block count");
});

Deno.test("blockFull() closes a block by count and when no transaction's gas is left", () => {
  assertEquals(blockFull({ txCount: 3, gasUsed: 79_000n }, limits), undefined);
  assertEquals(blockFull({ txCount: 4, gasUsed: 0n }, limits), "transaction count");
  assertEquals(blockFull({ txCount: 3, gasUsed: 79_001n }, limits), "gas");
});

Deno.test("exceedsAlone() names the limit that no batch can meet", () => {
  assertEquals(exceedsAlone(new Uint8Array(986), limits), undefined);
  assertEquals(exceedsAlone(new Uint8Array(987), limits), "maxBatchDataBytes");
  assertEquals(exceedsAlone(new Uint8Array(991), limits), "maxTxBytes");
});

Deno.test("exceedsAlone() passes the longest admissible transaction, and its batch encodes", () => {
  const raw = new Uint8Array(LIMITS.maxTxBytes).fill(2);
  assertEquals(exceedsAlone(raw), undefined);
  const candidate = { bytes: txBytes(raw), newBlock: true };
  assertEquals(fits(EMPTY_BATCH_COUNTERS, candidate), undefined);
  const data = encodeBatchData([{ timestampSec: 1n, transactions: [raw] }], 0n);
  assertEquals(data.length, 1 + 9 + 4 + LIMITS.maxTxBytes);
});

Deno.test("DEFAULT_SEAL_LIMITS let one full block and one full transaction into a batch", () => {
  assert(DEFAULT_SEAL_LIMITS.maxTxsPerBlock <= DEFAULT_SEAL_LIMITS.maxTxsPerBatch);
  // A decoded batch of one block must fit one commit of the store as a built one does.
  assert(DEFAULT_SEAL_LIMITS.maxTxsPerBatch <= DEFAULT_SEAL_LIMITS.maxTxsPerBlock);
  assert(DEFAULT_SEAL_LIMITS.blockGasLimit <= DEFAULT_SEAL_LIMITS.maxBatchGas);
  assert(LIMITS.maxTxGas <= DEFAULT_SEAL_LIMITS.blockGasLimit);
});
