/**
 * When a batch is full: what each transaction and block means for it, as pure functions.
 *
 * Owns the limits of sealing, their defaults and the four resolutions (zk-stack, section 6). Does
 * not own a clock, the counting itself, or what happens when a batch is sealed; a policy has no side
 * effect.
 * @module
 */
import { LIMITS } from "../primitives/limits.ts";
import type { BatchCounters, SealReason } from "../types/batch.ts";
import { addCounters, type ExecutionCounters, NO_COUNTERS } from "../types/counters.ts";
import { batchFrameBytes, blockHeaderBytes, txBytes } from "./batch_data.ts";

/** Limits of sealing; each one is configuration. */
export interface SealLimits {
  readonly maxBatchDataBytes: number;
  readonly maxTxsPerBatch: number;
  readonly maxBlocksPerBatch: number;
  readonly maxOperationsPerBatch: number;
  readonly maxBatchGas: bigint;
  /** How long after its first block a batch is closed. */
  readonly maxBatchAgeSec: bigint;
  readonly maxTxsPerBlock: number;
  readonly maxTxBytes: number;
  readonly maxBatchSteps: number;
  readonly maxBatchKeccaks: number;
  readonly maxBatchSha256s: number;
  readonly maxBatchEcrecovers: number;
  readonly maxBatchModexpWork: number;
  readonly maxBatchPairings: number;
  readonly maxBatchCurveOperations: number;
  readonly maxBatchMemoryWords: number;
  readonly maxBatchStorageReads: number;
  readonly maxBatchStorageWrites: number;
  readonly maxBatchLogBytes: number;
  readonly maxBatchPubdataBytes: number;
}

/** Four full blocks: a prover that re-executes the batch takes seconds, not minutes. */
const DEFAULT_BATCH_GAS = 4n * LIMITS.blockGasLimit;

/**
 * The least gas that one unit of what the program counts costs, whatever a transaction does: with
 * its gas limit this bounds a transaction before it has run.
 */
const LEAST_GAS = {
  /** `JUMPDEST`; ordinary code pays 3 to 4. */
  stepCount: 1,
  /** `KECCAK256` of long data: 6 gas for each of the 4.25 words of a permutation. */
  keccakCount: 25,
  /** 12 gas for each of the two words of a compression. */
  sha256Count: 24,
  ecrecoverCount: 3_000,
  /** EIP-7883 charges a unit of complexity and iteration with 1 gas or 2. */
  modexpWork: 1,
  /** A further pair of BLS12-381 (EIP-2537); one of BN254 costs 34,000 (EIP-1108). */
  pairingCount: 32_600,
  /** An addition on BN254 (EIP-1108). */
  curveOperationCount: 150,
  /** The linear part; each frame pays for its own memory. */
  memoryWordCount: 3,
  /** A warm access costs 100 gas (EIP-2929) and reads up to four slots of an account. */
  storageReadCount: 25,
  /** Writing a warm slot again (EIP-2200). */
  storageWriteCount: 100,
  /** Data of a log; topics cost 375 gas for 32 bytes. */
  logBytes: 8,
  /** A cold slot that was written before costs 4,900 gas at least and publishes up to 37 bytes. */
  pubdataBytes: 120,
} as const satisfies Partial<Record<keyof ExecutionCounters, number>>;

/**
 * What half of a batch's gas buys of one thing at the least price: more than four full blocks of
 * ordinary load need, three times what the gas of one transaction (EIP-7825) can reach, and a batch
 * that does nothing else closes early. A circuit has far less: zkevm-node's defaults are 7,570,538
 * steps, 2,145 keccak-f and 1,596 sha256.
 */
function halfBatchOf(counter: keyof typeof LEAST_GAS): number {
  return Math.floor(Number(DEFAULT_BATCH_GAS) / 2 / LEAST_GAS[counter]);
}

/** Limits of a chain that names no others. */
export const DEFAULT_SEAL_LIMITS: SealLimits = {
  /** L1 refuses longer batch data. */
  maxBatchDataBytes: LIMITS.maxBatchDataBytes,
  /** A decoder calls a batch with more malformed. */
  maxTxsPerBatch: LIMITS.maxTxsPerBatch,
  /** The same; also bounds a witness. */
  maxBlocksPerBatch: LIMITS.maxBlocksPerBatch,
  /** L1 refuses more. */
  maxOperationsPerBatch: LIMITS.maxOperationsPerBatch,
  maxBatchGas: DEFAULT_BATCH_GAS,
  /** zkevm-node's `BatchMaxDeltaTimestamp`: how long a user waits for data on L1 at most. */
  maxBatchAgeSec: 10n,
  /** A block's rows fit one commit of the store. */
  maxTxsPerBlock: LIMITS.maxTxsPerBlock,
  /** The decoder's bound of one transaction. */
  maxTxBytes: LIMITS.maxTxBytes,
  maxBatchSteps: halfBatchOf("stepCount"),
  maxBatchKeccaks: halfBatchOf("keccakCount"),
  maxBatchSha256s: halfBatchOf("sha256Count"),
  maxBatchEcrecovers: halfBatchOf("ecrecoverCount"),
  maxBatchModexpWork: halfBatchOf("modexpWork"),
  maxBatchPairings: halfBatchOf("pairingCount"),
  maxBatchCurveOperations: halfBatchOf("curveOperationCount"),
  maxBatchMemoryWords: halfBatchOf("memoryWordCount"),
  maxBatchStorageReads: halfBatchOf("storageReadCount"),
  maxBatchStorageWrites: halfBatchOf("storageWriteCount"),
  maxBatchLogBytes: halfBatchOf("logBytes"),
  /** 500,000: the ZK Stack's local default too. */
  maxBatchPubdataBytes: halfBatchOf("pubdataBytes"),
};

/** The counters of a batch with no block yet. */
export const EMPTY_BATCH_COUNTERS: BatchCounters = {
  ...NO_COUNTERS,
  blockCount: 0,
  batchDataBytes: batchFrameBytes,
  operationCount: 0,
};

/**
 * What a block may add beyond its transactions: its header in batch data, and the two slots that it
 * writes itself (the parent's hash, EIP-2935, and the header commitment), 65 bytes of pubdata each
 * at most.
 */
export const BLOCK_OVERHEAD: BatchCounters = {
  ...NO_COUNTERS,
  blockCount: 1,
  batchDataBytes: blockHeaderBytes,
  operationCount: 0,
  storageReadCount: 2,
  storageWriteCount: 2,
  pubdataBytes: 130,
};

/** Something of which a batch has only so much. */
export interface Resource {
  /** What a batch that runs out of it gives as its reason. */
  readonly reason: SealReason;
  /** The limit that refusals name. */
  readonly limit: keyof SealLimits;
  readonly counter: keyof BatchCounters;
  /**
   * How the batch closes: `full` when it holds exactly the limit, which the decoder of L1 data or
   * the configuration draws; `margin` when it comes near it, as the next transaction would be
   * excluded anyway.
   */
  readonly closes: "full" | "margin";
  /** The least gas of a unit, where gas bounds it. */
  readonly leastGas?: number;
}

/** Every resource, in the order in which the first one of equal weight decides. */
export const RESOURCES: readonly Resource[] = [
  {
    reason: "batch data bytes",
    limit: "maxBatchDataBytes",
    counter: "batchDataBytes",
    closes: "full",
  },
  { reason: "transaction count", limit: "maxTxsPerBatch", counter: "txCount", closes: "full" },
  { reason: "block count", limit: "maxBlocksPerBatch", counter: "blockCount", closes: "full" },
  {
    reason: "L1->L2 operation count",
    limit: "maxOperationsPerBatch",
    counter: "operationCount",
    closes: "full",
  },
  { reason: "gas", limit: "maxBatchGas", counter: "gasUsed", closes: "full", leastGas: 1 },
  metered("steps", "maxBatchSteps", "stepCount"),
  metered("keccak-f", "maxBatchKeccaks", "keccakCount"),
  metered("sha256", "maxBatchSha256s", "sha256Count"),
  metered("ecrecover", "maxBatchEcrecovers", "ecrecoverCount"),
  metered("modexp work", "maxBatchModexpWork", "modexpWork"),
  metered("pairings", "maxBatchPairings", "pairingCount"),
  metered("curve operations", "maxBatchCurveOperations", "curveOperationCount"),
  metered("memory words", "maxBatchMemoryWords", "memoryWordCount"),
  metered("storage reads", "maxBatchStorageReads", "storageReadCount"),
  metered("storage writes", "maxBatchStorageWrites", "storageWriteCount"),
  metered("log bytes", "maxBatchLogBytes", "logBytes"),
  metered("pubdata bytes", "maxBatchPubdataBytes", "pubdataBytes"),
];

function metered(
  reason: SealReason,
  limit: keyof SealLimits,
  counter: keyof typeof LEAST_GAS,
): Resource {
  return { reason, limit, counter, closes: "margin", leastGas: LEAST_GAS[counter] };
}

/** The ZK Stack's thresholds of closing and of refusing. */
const MARGIN_SHARE = 0.95;

/** A limit that a transaction passes even in a batch of its own. */
export interface LimitExcess {
  /** Its name in {@linkcode SealLimits}. */
  readonly limit: keyof SealLimits;
  readonly used: number;
  /** The most that one transaction may use. */
  readonly max: number;
}

/** What becomes of a transaction or block and of the batch, from lenient to strict. */
export type SealDecision =
  /** It joins, and the batch stays open. */
  | { readonly resolution: "NoSeal" }
  /** It joins, and the batch closes after it. */
  | { readonly resolution: "IncludeAndSeal"; readonly reason: SealReason }
  /** The batch closes before it; it belongs to the next one. */
  | { readonly resolution: "ExcludeAndSeal"; readonly reason: SealReason }
  /** No batch can hold it. */
  | { readonly resolution: "Unexecutable"; readonly excess: LimitExcess };

/** The strictest decision of all resources on a transaction that would join `batch`. */
export function sealPolicy(
  batch: BatchCounters,
  transaction: BatchCounters,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): SealDecision {
  const excess = exceedsAlone(transaction, limits);
  return excess === undefined
    ? decideFit(batch, transaction, limits)
    : { resolution: "Unexecutable", excess };
}

/** The first limit that a transaction exceeds even in a batch of its own, if there is one. */
export function exceedsAlone(
  transaction: BatchCounters,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): LimitExcess | undefined {
  for (const resource of RESOURCES) {
    const excess = excessOf(resource, Number(transaction[resource.counter]), limits);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

/**
 * Whether a transaction with this gas limit could exceed a limit alone, by the least price of each
 * thing that is counted. Only then it is worth running before it is admitted.
 */
export function mayExceedAlone(
  gasLimit: bigint,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): boolean {
  return RESOURCES.some((resource) =>
    resource.leastGas !== undefined &&
    excessOf(resource, Number(gasLimit) / resource.leastGas, limits) !== undefined
  );
}

/** What a batch is once a further block was offered to it. */
export interface BatchStep {
  /** `false`: the block is the first of the next batch. */
  readonly joins: boolean;
  readonly counters: BatchCounters;
  /** Why the batch takes nothing more; `undefined` while it does. */
  readonly closes: SealReason | undefined;
}

/**
 * Lets `block` into `batch` if it fits. A batch without blocks takes any: what is executed must be
 * sealed.
 */
export function joinBatch(
  batch: BatchCounters,
  block: BatchCounters,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): BatchStep {
  const decision = decideFit(batch, block, limits);
  if (decision.resolution === "NoSeal") {
    return { joins: true, counters: addBatchCounters(batch, block), closes: undefined };
  }
  return decision.resolution === "ExcludeAndSeal" && batch.blockCount > 0
    ? { joins: false, counters: batch, closes: decision.reason }
    : { joins: true, counters: addBatchCounters(batch, block), closes: decision.reason };
}

/** Whether a batch whose first block is `ageSec` seconds old closes for that. */
export function isBatchDue(ageSec: bigint, limits: SealLimits = DEFAULT_SEAL_LIMITS): boolean {
  return ageSec >= limits.maxBatchAgeSec;
}

/**
 * What a transaction adds to a batch, its raw bytes included. One that came as an L1->L2 operation
 * is no part of batch data: give no bytes for it.
 */
export function transactionCounters(
  raw: Uint8Array | undefined,
  used: ExecutionCounters,
): BatchCounters {
  const batchDataBytes = raw === undefined ? 0 : txBytes(raw);
  return { ...used, blockCount: 0, batchDataBytes, operationCount: 0 };
}

/**
 * What a block adds to a batch: all that it `used`, the L1->L2 operations that it consumes, and the
 * bytes of the transactions that are written as data, which those that came as operations are not.
 */
export function blockCounters(
  transactions: readonly Uint8Array[],
  used: ExecutionCounters,
  operationCount = 0,
): BatchCounters {
  const bytes = transactions.reduce((sum, raw) => sum + txBytes(raw), blockHeaderBytes);
  return { ...used, blockCount: 1, batchDataBytes: bytes, operationCount };
}

/** The sum of both. */
export function addBatchCounters(left: BatchCounters, right: BatchCounters): BatchCounters {
  return {
    ...addCounters(left, right),
    blockCount: left.blockCount + right.blockCount,
    batchDataBytes: left.batchDataBytes + right.batchDataBytes,
    operationCount: left.operationCount + right.operationCount,
  };
}

/** Whether `candidate`, a transaction or a block, has room beside what is in `batch`. */
function decideFit(
  batch: BatchCounters,
  candidate: BatchCounters,
  limits: SealLimits,
): Exclude<SealDecision, { readonly resolution: "Unexecutable" }> {
  let closing: SealReason | undefined;
  for (const { reason, counter, limit, closes } of RESOURCES) {
    const own = Number(candidate[counter]);
    // What it does not use cannot decide about it.
    if (own === 0) continue;
    const max = Number(limits[limit]);
    const used = Number(batch[counter]) + own;
    if (used > max) return { resolution: "ExcludeAndSeal", reason };
    if (used >= (closes === "full" ? max : MARGIN_SHARE * max)) closing ??= reason;
  }
  return closing === undefined
    ? { resolution: "NoSeal" }
    : { resolution: "IncludeAndSeal", reason: closing };
}

/** Alone, `own` comes with the frame of the batch and with what a block adds. */
function excessOf(resource: Resource, own: number, limits: SealLimits): LimitExcess | undefined {
  const { limit, counter, closes } = resource;
  // A block counts itself; its transactions do not count it again.
  if (counter === "blockCount") return undefined;
  const max = Number(limits[limit]);
  const overhead = Number(EMPTY_BATCH_COUNTERS[counter]) + Number(BLOCK_OVERHEAD[counter]);
  const used = own + overhead;
  const isExcess = closes === "full" ? used > max : used >= MARGIN_SHARE * max;
  if (!isExcess) return undefined;
  const most = closes === "full" ? max : Math.ceil(MARGIN_SHARE * max) - 1;
  return { limit, used: own, max: most - overhead };
}
