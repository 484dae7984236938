/**
 * When batches and proofs go to L1, and how many with one transaction.
 *
 * Owns the policy and the choice of a range: by size, count and gas of the transaction, and by
 * waiting time. Does not own what is sealed, proven or sent, nor any clock.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import type { Address } from "../primitives/hex.ts";

/** What an operator decides about sending. Waiting costs users time, sending costs fees. */
export interface SubmitPolicy {
  /** Bytes of a signed L1 transaction; geth's pool takes no larger one. */
  readonly maxTxBytes: number;
  /** Batches in one `sequenceBatches`. */
  readonly maxBatchesPerSequence: number;
  /** Seconds that a sealed batch may wait for others to share its transaction. */
  readonly sequenceWaitSec: bigint;
  /** Seconds from one `verifyBatches` to the next. */
  readonly verifyIntervalSec: bigint;
  /** Most wei that a gas may cost; `undefined`: whatever L1 asks. */
  readonly maxFeePerGasWei: bigint | undefined;
  /** Transactions of one stage that are under way at once. */
  readonly maxInFlight: number;
  /** L1 blocks that a transaction may wait before its fees are raised; at least 1. */
  readonly bumpAfterL1Blocks: bigint;
}

/** Sends at once, as a devnet should. A chain that pays for its L1 waits for fuller ones. */
export const DEFAULT_SUBMIT_POLICY: SubmitPolicy = {
  maxTxBytes: 131_072,
  maxBatchesPerSequence: 32,
  sequenceWaitSec: 0n,
  verifyIntervalSec: 0n,
  maxFeePerGasWei: undefined,
  maxInFlight: 4,
  bumpAfterL1Blocks: 5n,
};

/** EIP-7825: gas of one transaction. */
export const MAX_L1_TX_GAS = 16_777_216n;
/** The contract's `MAX_VERIFY_BATCHES`. */
export const MAX_BATCHES_PER_PROOF = 1_000n;
/** The contract's `MAX_SEQUENCE_TIMESTAMP_LEAD`. */
export const MAX_SEQUENCE_LEAD_SEC = 36n;

/** A sealed batch that may be sequenced. */
export interface SequenceCandidate {
  readonly number: bigint;
  readonly dataBytes: number;
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
  /**
   * It consumes an L1->L2 operation that is due: L1 takes no call any more that leaves it out, so the
   * policy's count and waiting time do not hold the batches up to here.
   */
  readonly isUrgent: boolean;
}

/** The moment of a choice. */
export interface ChoiceTime {
  readonly nowSec: bigint;
  /** A person asked for it: nothing waits for a fuller transaction. */
  readonly isAsked: boolean;
}

/** Send the batches up to `lastBatch` now, or later. */
export type SendChoice =
  | { readonly kind: "send"; readonly lastBatch: bigint }
  | { readonly kind: "wait"; readonly untilSec: bigint; readonly text: string };

/**
 * Which of `candidates`, consecutive and at least one, go into the next `sequenceBatches`: as many
 * as fit. A transaction that can take no more goes at once; one with room waits as the policy says.
 */
export function chooseSequence(
  candidates: readonly SequenceCandidate[],
  policy: SubmitPolicy,
  time: ChoiceTime,
): SendChoice {
  const first = candidates[0];
  assert(first !== undefined, "there is a batch to choose");
  const urgentCount = candidates.findLastIndex(({ isUrgent }) => isUrgent) + 1;
  const maxCount = Math.max(1, urgentCount, policy.maxBatchesPerSequence);
  let taken = 1;
  while (
    taken < Math.min(candidates.length, maxCount) && fits(candidates.slice(0, taken + 1), policy)
  ) taken++;
  const last = candidates[taken - 1] ?? first;
  const isFull = taken < candidates.length || taken >= policy.maxBatchesPerSequence ||
    urgentCount > 0;
  // Its last block closed then, and nothing of it can be older than that to the user.
  const untilSec = first.limitTimestampSec + policy.sequenceWaitSec;
  if (isFull || time.isAsked || time.nowSec >= untilSec) {
    return { kind: "send", lastBatch: last.number };
  }
  return { kind: "wait", untilSec, text: waitText(first.number, last.number, untilSec, time) };
}

/** Whether one transaction may carry `batches`. */
function fits(batches: readonly SequenceCandidate[], policy: SubmitPolicy): boolean {
  const [first] = batches;
  const sizesBytes = batches.map(({ dataBytes }) => dataBytes);
  return sequenceTxBytes(sizesBytes) <= policy.maxTxBytes &&
    sequenceGasBound(sizesBytes) <= MAX_L1_TX_GAS &&
    // A call has one coinbase, which goes into every accInputHash.
    batches.every(({ coinbase }) => coinbase === first?.coinbase);
}

/** What a choice of proofs looks at. */
export interface VerificationFacts {
  /** First batch that is not verified. */
  readonly firstBatch: bigint;
  /** Last batches of sequences from `firstBatch` on that are proven entirely, ascending, not none. */
  readonly ends: readonly bigint[];
  /** When the last verification was mined; `undefined` if none was. */
  readonly lastVerifiedAtSec: bigint | undefined;
}

/** Which proven batches go into the next `verifyBatches`: all, once the interval is over. */
export function chooseVerification(
  facts: VerificationFacts,
  policy: SubmitPolicy,
  time: ChoiceTime,
): SendChoice {
  const { firstBatch, ends, lastVerifiedAtSec } = facts;
  const reachable = ends.filter((end) => end - firstBatch < MAX_BATCHES_PER_PROOF);
  const lastBatch = reachable.at(-1) ?? ends[0];
  assert(lastBatch !== undefined, "there is an end to choose");
  const untilSec = (lastVerifiedAtSec ?? 0n) + policy.verifyIntervalSec;
  const isFull = reachable.length < ends.length;
  if (isFull || time.isAsked || lastVerifiedAtSec === undefined || time.nowSec >= untilSec) {
    return { kind: "send", lastBatch };
  }
  return { kind: "wait", untilSec, text: waitText(firstBatch, lastBatch, untilSec, time) };
}

/** Type byte, list heads, the numbers at their longest, access list and signature; RLP of 200. */
const ENVELOPE_BYTES = 200;
const WORD_BYTES = 32;
/** Selector, four arguments, length of the list. */
const CALL_BYTES = 4 + 5 * WORD_BYTES;
/** A batch: its offset, the offset of its data, timestamp, operation count, the data's length. */
const BATCH_BYTES = 5 * WORD_BYTES;

/** At most as many bytes as a signed `sequenceBatches` with batch data of these sizes has. */
export function sequenceTxBytes(sizesBytes: readonly number[]): number {
  return sizesBytes.reduce(
    (sum, sizeBytes) => sum + BATCH_BYTES + Math.ceil(sizeBytes / WORD_BYTES) * WORD_BYTES,
    ENVELOPE_BYTES + CALL_BYTES,
  );
}

const TX_GAS = 21_000n;
/** EIP-2028 and EIP-7623, for a byte that is not zero. */
const CALLDATA_GAS = 16n;
const CALLDATA_FLOOR_GAS = 40n;
/** Reads and first writes of the contract's heads, its record of a sequence, the event; doubled. */
const SEQUENCE_GAS = 250_000n;
/** Decoding, hashing and the queue's slots of one batch, all of them cold; doubled. */
const BATCH_GAS = 30_000n;
/** Copying to memory and keccak256, with the memory of a whole transaction; below 1. */
const DATA_BYTE_GAS = 1n;

/**
 * More gas than sequencing batch data of these sizes can take, for a transaction that cannot be
 * tried out as it builds on others that L1 has not mined. Unused gas is not paid.
 */
export function sequenceGasBound(sizesBytes: readonly number[]): bigint {
  const bytes = BigInt(sequenceTxBytes(sizesBytes));
  const execution = SEQUENCE_GAS + BigInt(sizesBytes.length) * BATCH_GAS + bytes * DATA_BYTE_GAS;
  const standard = CALLDATA_GAS * bytes + execution;
  const floor = CALLDATA_FLOOR_GAS * bytes;
  return TX_GAS + (standard > floor ? standard : floor);
}

function waitText(first: bigint, last: bigint, untilSec: bigint, { nowSec }: ChoiceTime): string {
  const batches = first === last ? `batch ${first} waits` : `batches ${first} to ${last} wait`;
  return `${batches} for a fuller transaction until ${untilSec}, ${untilSec - nowSec} s from now`;
}
