/**
 * A batch: one or more blocks that are sequenced, proven and verified together.
 *
 * Owns the record of a sealed batch. Its status is never stored: it is the comparison of its number
 * with the heads. Does not own when to seal (`batching/seal_policy.ts`) or the bytes for L1
 * (`batching/batch_data.ts`).
 * @module
 */
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { BatchNumber, BlockNumber } from "../primitives/units.ts";
import type { ExecutionCounters } from "./counters.ts";

/** Every reason to close a batch: something that it used up, its age, a duty, or a wish. */
export const SEAL_REASONS = {
  "batch data bytes": true,
  "transaction count": true,
  "block count": true,
  "gas": true,
  "steps": true,
  "keccak-f": true,
  "sha256": true,
  "ecrecover": true,
  "modexp work": true,
  "pairings": true,
  "curve operations": true,
  "memory words": true,
  "storage reads": true,
  "storage writes": true,
  "log bytes": true,
  "pubdata bytes": true,
  "L1->L2 operation count": true,
  "time": true,
  "seal-batch command": true,
  "automine": true,
  "forced operation deadline": true,
  /** It was sequenced by another than this node, which only follows. */
  "sequenced on L1": true,
} as const;

/** Why a batch was closed; each is a limit of `seal_policy`, a command, or what L1 asks for. */
export type SealReason = keyof typeof SEAL_REASONS;

/** Whether `text` is a {@linkcode SealReason}. */
export function isSealReason(text: string): text is SealReason {
  return Object.hasOwn(SEAL_REASONS, text);
}

/** What the blocks of a batch used, each against its limit. */
export interface BatchCounters extends ExecutionCounters {
  readonly blockCount: number;
  readonly batchDataBytes: number;
  /** L1->L2 operations that are consumed, whatever became of them. */
  readonly operationCount: number;
}

/** A sealed batch. */
export interface Batch {
  readonly number: BatchNumber;
  /** One above `lastBlock` in a batch without blocks: malformed data that consumes nothing. */
  readonly firstBlock: BlockNumber;
  readonly lastBlock: BlockNumber;
  readonly oldStateRoot: Hash32;
  readonly oldLeafCount: bigint;
  readonly newStateRoot: Hash32;
  readonly newLeafCount: bigint;
  readonly oldAccInputHash: Hash32;
  readonly newAccInputHash: Hash32;
  /** keccak256 of the batch data. */
  readonly batchDataHash: Hash32;
  /** Rolling hash of the L1->L2 operations that are consumed after the batch. */
  readonly l1ToL2RollingHash: Hash32;
  /** Number of the last L1->L2 operation that is consumed after the batch; 0 before the first. */
  readonly lastOperation: bigint;
  /**
   * Latest timestamp that its data may have: the timestamp of its last block where this node sealed
   * it, the timestamp of its L1 block where it is forced.
   */
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
  readonly sealReason: SealReason;
  readonly counters: BatchCounters;
}
