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

/** Why a batch was closed; each is a limit of `seal_policy` or a command. */
export type SealReason =
  | "seal-batch command"
  | "batch data bytes"
  | "transaction count"
  | "block count"
  | "gas"
  | "time"
  | "automine";

/** What the blocks of a batch used, each against its limit. */
export interface BatchCounters {
  readonly txCount: number;
  readonly blockCount: number;
  readonly gasUsed: bigint;
  readonly batchDataBytes: number;
}

/** A sealed batch. */
export interface Batch {
  readonly number: BatchNumber;
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
  /** `maxSequenceTimestamp` of its sequence: the timestamp of its last block. */
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
  readonly sealReason: SealReason;
  readonly counters: BatchCounters;
}
