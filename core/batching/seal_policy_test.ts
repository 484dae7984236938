import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import fc from "fast-check";
import { LIMITS } from "../primitives/limits.ts";
import type { BatchCounters } from "../types/batch.ts";
import { NO_COUNTERS } from "../types/counters.ts";
import { encodeBatchData } from "./batch_data.ts";
import {
  addBatchCounters,
  BLOCK_OVERHEAD,
  blockCounters,
  DEFAULT_SEAL_LIMITS,
  EMPTY_BATCH_COUNTERS,
  exceedsAlone,
  isBatchDue,
  joinBatch,
  mayExceedAlone,
  RESOURCES,
  sealPolicy,
  transactionCounters,
} from "./seal_policy.ts";

const SEED = 20_261_121;

const limits = {
  ...DEFAULT_SEAL_LIMITS,
  maxBatchDataBytes: 1_000,
  maxTxsPerBatch: 5,
  maxBlocksPerBatch: 3,
  maxBatchGas: 500_000n,
  maxBatchKeccaks: 100,
};

const oneBlock: BatchCounters = {
  ...NO_COUNTERS,
  txCount: 1,
  blockCount: 1,
  gasUsed: 21_000n,
  batchDataBytes: 120,
  operationCount: 0,
};

const NOTHING: BatchCounters = {
  ...NO_COUNTERS,
  blockCount: 0,
  batchDataBytes: 0,
  operationCount: 0,
};

/** What uses nothing but `fields`. */
function using(fields: Partial<BatchCounters>): BatchCounters {
  return { ...NOTHING, ...fields };
}

const decide = (batch: Partial<BatchCounters>, tx: Partial<BatchCounters>) => {
  const decision = sealPolicy({ ...oneBlock, ...batch }, using(tx), limits);
  return decision.resolution === "NoSeal" || decision.resolution === "Unexecutable"
    ? decision.resolution
    : `${decision.resolution} ${decision.reason}`;
};

Deno.test("sealPolicy() closes at exactly the limit of what L1 data bounds, and excludes what passes it", () => {
  const cases: readonly [Partial<BatchCounters>, Partial<BatchCounters>, string][] = [
    [{ batchDataBytes: 900 }, { batchDataBytes: 99 }, "NoSeal"],
    [{ batchDataBytes: 900 }, { batchDataBytes: 100 }, "IncludeAndSeal batch data bytes"],
    [{ batchDataBytes: 900 }, { batchDataBytes: 101 }, "ExcludeAndSeal batch data bytes"],
    [{ txCount: 3 }, { txCount: 1 }, "NoSeal"],
    [{ txCount: 4 }, { txCount: 1 }, "IncludeAndSeal transaction count"],
    [{ txCount: 5 }, { txCount: 1 }, "ExcludeAndSeal transaction count"],
    [{ gasUsed: 400_000n }, { gasUsed: 99_999n }, "NoSeal"],
    [{ gasUsed: 400_000n }, { gasUsed: 100_000n }, "IncludeAndSeal gas"],
    [{ gasUsed: 400_000n }, { gasUsed: 100_001n }, "ExcludeAndSeal gas"],
  ];
  for (const [batch, tx, wanted] of cases) assertEquals(decide(batch, tx), wanted);
});

Deno.test("sealPolicy() closes at 95 % of what the program counts, and excludes above all of it", () => {
  assertEquals(decide({ keccakCount: 50 }, { keccakCount: 44 }), "NoSeal");
  assertEquals(decide({ keccakCount: 50 }, { keccakCount: 45 }), "IncludeAndSeal keccak-f");
  assertEquals(decide({ keccakCount: 50 }, { keccakCount: 50 }), "IncludeAndSeal keccak-f");
  assertEquals(decide({ keccakCount: 50 }, { keccakCount: 51 }), "ExcludeAndSeal keccak-f");
});

Deno.test("sealPolicy() calls unexecutable what reaches 95 % alone, whatever the batch holds", () => {
  for (const batch of [{}, { keccakCount: 99, txCount: 5 }]) {
    assertEquals(decide(batch, { keccakCount: 95, txCount: 1 }), "Unexecutable");
  }
  assertEquals(decide({}, { keccakCount: 94 }), "NoSeal");
  assertEquals(sealPolicy(oneBlock, using({ keccakCount: 95 }), limits), {
    resolution: "Unexecutable",
    excess: { limit: "maxBatchKeccaks", used: 95, max: 94 },
  });
});

Deno.test("sealPolicy() lets the strictest resource decide, and the first of equal ones", () => {
  const both = { txCount: 4, keccakCount: 90 };
  assertEquals(decide(both, { txCount: 1, keccakCount: 11 }), "ExcludeAndSeal keccak-f");
  assertEquals(decide(both, { txCount: 1, keccakCount: 10 }), "IncludeAndSeal transaction count");
  assertEquals(decide(both, { txCount: 2, keccakCount: 11 }), "ExcludeAndSeal transaction count");
});

Deno.test("sealPolicy() does not ask about what a transaction does not use", () => {
  assertEquals(decide({ keccakCount: 1_000 }, { stepCount: 7 }), "NoSeal");
});

Deno.test("sealPolicy() lets pubdata that shrinks make room", () => {
  const batch = { pubdataBytes: DEFAULT_SEAL_LIMITS.maxBatchPubdataBytes };
  assertEquals(decide(batch, { pubdataBytes: 1 }), "ExcludeAndSeal pubdata bytes");
  assertEquals(decide(batch, { pubdataBytes: -100_000 }), "NoSeal");
});

const resource = fc.constantFrom(...RESOURCES.filter(({ counter }) => counter !== "blockCount"));

Deno.test("sealPolicy() is as strict or stricter the more a batch holds and a transaction uses", () => {
  const STRICTNESS = ["NoSeal", "IncludeAndSeal", "ExcludeAndSeal", "Unexecutable"];
  const share = fc.double({ min: 0, max: 1.2, noNaN: true });
  fc.assert(
    fc.property(resource, share, share, share, share, ({ counter, limit }, a, b, c, d) => {
      const amount = (part: number): BatchCounters => {
        const value = Math.floor(part * Number(DEFAULT_SEAL_LIMITS[limit]));
        return { ...NOTHING, [counter]: counter === "gasUsed" ? BigInt(value) : value };
      };
      const strictness = (held: number, used: number) =>
        STRICTNESS.indexOf(sealPolicy(amount(held), amount(used)).resolution);
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const [little, much] = [Math.min(c, d), Math.max(c, d)];
      // Nothing used decides nothing; from one unit on it is monotone.
      if (Math.floor(little * Number(DEFAULT_SEAL_LIMITS[limit])) === 0) return;
      assert(strictness(low, little) <= strictness(high, little));
      assert(strictness(low, little) <= strictness(low, much));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("a transaction that sealPolicy() excludes fits an empty batch, or none", () => {
  const share = fc.double({ min: 0, max: 1.1, noNaN: true });
  const start = addBatchCounters(EMPTY_BATCH_COUNTERS, BLOCK_OVERHEAD);
  fc.assert(
    fc.property(resource, share, ({ counter, limit }, part) => {
      const value = Math.floor(part * Number(DEFAULT_SEAL_LIMITS[limit]));
      const tx = { ...NOTHING, [counter]: counter === "gasUsed" ? BigInt(value) : value };
      const decision = sealPolicy(start, tx).resolution;
      assert(decision !== "ExcludeAndSeal", `${counter} ${value}`);
      assertEquals(decision === "Unexecutable", exceedsAlone(tx) !== undefined);
    }),
    { seed: SEED, numRuns: 1_000 },
  );
});

Deno.test("exceedsAlone() names the first limit that no batch can meet", () => {
  const raw = (sizeBytes: number) => transactionCounters(new Uint8Array(sizeBytes), NO_COUNTERS);
  assertEquals(exceedsAlone(raw(986), limits), undefined);
  assertEquals(exceedsAlone(raw(987), limits), {
    limit: "maxBatchDataBytes",
    used: 991,
    max: 990,
  });
  assertEquals(exceedsAlone(using({ gasUsed: 500_000n }), limits), undefined);
  assertEquals(exceedsAlone(using({ gasUsed: 500_001n }), limits)?.limit, "maxBatchGas");
});

Deno.test("exceedsAlone() passes the longest admissible transaction, and its batch encodes", () => {
  const raw = new Uint8Array(LIMITS.maxTxBytes).fill(2);
  const counters = transactionCounters(raw, { ...NO_COUNTERS, txCount: 1 });
  assertEquals(exceedsAlone(counters), undefined);
  assertEquals(sealPolicy(addBatchCounters(EMPTY_BATCH_COUNTERS, BLOCK_OVERHEAD), counters), {
    resolution: "NoSeal",
  });
  const data = encodeBatchData([{ timestampSec: 1n, transactions: [raw] }], 0n);
  const block = blockCounters([raw], NO_COUNTERS);
  assertEquals(data.length, addBatchCounters(EMPTY_BATCH_COUNTERS, block).batchDataBytes);
});

Deno.test("mayExceedAlone() is false for every gas limit under the default limits", () => {
  assertEquals(mayExceedAlone(LIMITS.maxTxGas), false);
  assertEquals(mayExceedAlone(LIMITS.blockGasLimit), false);
});

Deno.test("mayExceedAlone() is true from the gas on that buys as much as a batch holds", () => {
  // 95 permutations cost at least 25 gas each.
  assertEquals(mayExceedAlone(2_374n, limits), false);
  assertEquals(mayExceedAlone(2_375n, limits), true);
  assertEquals(mayExceedAlone(500_001n, { ...limits, maxBatchKeccaks: 1_000_000 }), true);
});

Deno.test("joinBatch() takes blocks until one does not fit, which opens the next batch", () => {
  const block = using({ txCount: 2, blockCount: 1, batchDataBytes: 300 });
  const first = joinBatch(EMPTY_BATCH_COUNTERS, block, limits);
  assertEquals([first.joins, first.closes, first.counters.txCount], [true, undefined, 2]);
  const second = joinBatch(first.counters, block, limits);
  assertEquals([second.joins, second.closes, second.counters.txCount], [true, undefined, 4]);
  const third = joinBatch(second.counters, block, limits);
  assertEquals(third, { joins: false, closes: "transaction count", counters: second.counters });
});

Deno.test("joinBatch() closes a batch with the block that fills it", () => {
  const block = using({ blockCount: 1, batchDataBytes: 9 });
  const two = { ...oneBlock, blockCount: 2 };
  assertEquals(joinBatch(two, block, limits).closes, "block count");
  assertEquals(joinBatch(oneBlock, block, limits).closes, undefined);
  const keccaks = joinBatch(oneBlock, { ...block, keccakCount: 96 }, limits);
  assertEquals([keccaks.joins, keccaks.closes], [true, "keccak-f"]);
});

Deno.test("joinBatch() closes at 50 L1->L2 operations and takes no block that passes them", () => {
  const block = (operationCount: number) => blockCounters([], NO_COUNTERS, operationCount);
  const most = joinBatch({ ...oneBlock, operationCount: 20 }, block(30));
  assertEquals([most.joins, most.closes], [true, "L1->L2 operation count"]);
  assertEquals(most.counters.operationCount, 50);
  const beyond = joinBatch({ ...oneBlock, operationCount: 20 }, block(31));
  assertEquals([beyond.joins, beyond.closes], [false, "L1->L2 operation count"]);
  // Blocks without operations do not ask about them.
  assertEquals(joinBatch({ ...oneBlock, operationCount: 50 }, block(0)).closes, undefined);
});

Deno.test("blockCounters() counts bytes of what is data, and operations apart", () => {
  const raw = new Uint8Array(100);
  const used = { ...NO_COUNTERS, txCount: 2, gasUsed: 42_000n };
  assertEquals(blockCounters([raw], used, 3), {
    ...used,
    blockCount: 1,
    batchDataBytes: 9 + 4 + 100,
    operationCount: 3,
  });
  assertEquals(transactionCounters(undefined, used).batchDataBytes, 0);
  assertEquals(transactionCounters(raw, used).batchDataBytes, 104);
});

Deno.test("joinBatch() takes any block into a batch without one: what ran must be sealed", () => {
  const block = using({ blockCount: 1, keccakCount: 1_000 });
  const { joins, closes } = joinBatch(EMPTY_BATCH_COUNTERS, block, limits);
  assertEquals([joins, closes], [true, "keccak-f"]);
});

Deno.test("isBatchDue() is true from the age limit on", () => {
  assertEquals(isBatchDue(9n), false);
  assertEquals(isBatchDue(10n), true);
});

Deno.test("DEFAULT_SEAL_LIMITS hold four full blocks of ordinary load and every legal transaction", () => {
  assert(DEFAULT_SEAL_LIMITS.maxTxsPerBlock <= DEFAULT_SEAL_LIMITS.maxTxsPerBatch);
  // A decoded batch of one block must fit one commit of the store as a built one does.
  assert(DEFAULT_SEAL_LIMITS.maxTxsPerBatch <= DEFAULT_SEAL_LIMITS.maxTxsPerBlock);
  assert(4n * LIMITS.blockGasLimit <= DEFAULT_SEAL_LIMITS.maxBatchGas);
  // What an ERC-20 transfer of 34,000 gas to an old holder does, generously.
  const transfers = 4 * Number(LIMITS.blockGasLimit) / 34_000;
  const load = using({
    stepCount: 700 * transfers,
    keccakCount: 10 * transfers,
    storageReadCount: 20 * transfers,
    storageWriteCount: 10 * transfers,
    logBytes: 128 * transfers,
    memoryWordCount: 20 * transfers,
    pubdataBytes: 120 * transfers,
  });
  assertEquals(sealPolicy(EMPTY_BATCH_COUNTERS, load), { resolution: "NoSeal" });
  for (const { leastGas, limit } of RESOURCES) {
    if (leastGas === undefined) continue;
    assertLess(Number(LIMITS.maxTxGas) / leastGas, 0.95 * Number(DEFAULT_SEAL_LIMITS[limit]));
    assertGreater(Number(DEFAULT_SEAL_LIMITS[limit]), 0);
  }
});
