/**
 * When a block and a batch are full: predicates over counters and limits.
 *
 * Owns the limits of sealing and their defaults. Does not own a clock, the counting itself, or what
 * happens when a batch is sealed; a predicate has no side effect.
 * @module
 */
import { LIMITS } from "../primitives/limits.ts";
import type { BatchCounters, SealReason } from "../types/batch.ts";
import { batchDataSizeBytes, batchFrameBytes, blockHeaderBytes } from "./batch_data.ts";

/** Limits of sealing; each one is configuration. */
export interface SealLimits {
  readonly maxBatchDataBytes: number;
  readonly maxTxsPerBatch: number;
  readonly maxBlocksPerBatch: number;
  readonly maxBatchGas: bigint;
  /** How long after its first block a batch is closed. */
  readonly maxBatchAgeSec: bigint;
  readonly maxTxsPerBlock: number;
  readonly blockGasLimit: bigint;
  readonly maxTxBytes: number;
}

/** Limits of a chain that names no others. */
export const DEFAULT_SEAL_LIMITS: SealLimits = {
  /** L1 refuses longer batch data. */
  maxBatchDataBytes: LIMITS.maxBatchDataBytes,
  /** A decoder calls a batch with more malformed. */
  maxTxsPerBatch: LIMITS.maxTxsPerBatch,
  /** The same; also bounds a witness. */
  maxBlocksPerBatch: LIMITS.maxBlocksPerBatch,
  /** Four full blocks: a prover that re-executes the batch takes seconds, not minutes. */
  maxBatchGas: 4n * LIMITS.blockGasLimit,
  /** zkevm-node's `BatchMaxDeltaTimestamp`: how long a user waits for data on L1 at most. */
  maxBatchAgeSec: 10n,
  /** A block's rows fit one commit of the store. */
  maxTxsPerBlock: LIMITS.maxTxsPerBlock,
  blockGasLimit: LIMITS.blockGasLimit,
  /** The decoder's bound of one transaction. */
  maxTxBytes: LIMITS.maxTxBytes,
};

/** The counters of a batch with no block yet. */
export const EMPTY_BATCH_COUNTERS: BatchCounters = {
  txCount: 0,
  blockCount: 0,
  gasUsed: 0n,
  batchDataBytes: batchFrameBytes,
};

/** The least gas of any transaction: with less left, a block takes nothing more. */
const MIN_TX_GAS = 21_000n;

/** What a batch under construction has come to. */
export interface SealState {
  readonly counters: BatchCounters;
  /** Seconds since the timestamp of its first block. */
  readonly ageSec: bigint;
}

/** What a further transaction or block would add. */
export interface SealCandidate {
  /** Batch data of its transactions, length prefixes included (`txBytes`); 0 for an empty block. */
  readonly bytes: number;
  /** How many transactions these are; 1 when absent. */
  readonly txCount?: number;
  /** Their gas limits, or the gas that they used when they ran already; 0 when absent. */
  readonly gas?: bigint;
  /** Whether they open a block of their own. */
  readonly newBlock: boolean;
}

/**
 * Why the batch closes after the block that was just included; `undefined` while it stays open.
 *
 * A batch without blocks never closes.
 */
export function sealPolicy(
  state: SealState,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): SealReason | undefined {
  const { counters, ageSec } = state;
  if (counters.blockCount === 0) return undefined;
  if (counters.batchDataBytes >= limits.maxBatchDataBytes) return "batch data bytes";
  if (counters.txCount >= limits.maxTxsPerBatch) return "transaction count";
  if (counters.blockCount >= limits.maxBlocksPerBatch) return "block count";
  if (counters.gasUsed >= limits.maxBatchGas) return "gas";
  if (ageSec >= limits.maxBatchAgeSec) return "time";
  return undefined;
}

/**
 * Why `candidate` does not fit the batch, which then closes without it; `undefined` when it fits.
 */
export function fits(
  counters: BatchCounters,
  candidate: SealCandidate,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): SealReason | undefined {
  const addedBytes = candidate.bytes + (candidate.newBlock ? blockHeaderBytes : 0);
  if (counters.batchDataBytes + addedBytes > limits.maxBatchDataBytes) return "batch data bytes";
  if (counters.txCount + (candidate.txCount ?? 1) > limits.maxTxsPerBatch) {
    return "transaction count";
  }
  if (candidate.newBlock && counters.blockCount >= limits.maxBlocksPerBatch) return "block count";
  if (counters.gasUsed + (candidate.gas ?? 0n) > limits.maxBatchGas) return "gas";
  return undefined;
}

/** Why a block under construction takes no more transactions; `undefined` while it does. */
export function blockFull(
  block: Pick<BatchCounters, "txCount" | "gasUsed">,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): SealReason | undefined {
  if (block.txCount >= limits.maxTxsPerBlock) return "transaction count";
  if (block.gasUsed + MIN_TX_GAS > limits.blockGasLimit) return "gas";
  return undefined;
}

/**
 * The limit that a transaction of these bytes exceeds even in a batch of its own, by its name in
 * {@linkcode SealLimits}; `undefined` when it can be sealed. Admission refuses such a transaction.
 */
export function exceedsAlone(
  rawBytes: Uint8Array,
  limits: SealLimits = DEFAULT_SEAL_LIMITS,
): "maxTxBytes" | "maxBatchDataBytes" | undefined {
  if (rawBytes.length > limits.maxTxBytes) return "maxTxBytes";
  const aloneBytes = batchDataSizeBytes([{ transactions: [rawBytes] }]);
  return aloneBytes > limits.maxBatchDataBytes ? "maxBatchDataBytes" : undefined;
}
