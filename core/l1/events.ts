/**
 * What the rollup contract announced, as typed events.
 *
 * Owns the contract's events off chain (`contracts/IRollup.sol` declares them). Does not own
 * reading logs (`l1_client.ts`) or what an event changes (`sync_l1`).
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { bytesToBigint } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { type Address, address, type Hash32, hash32, hexToBytes } from "../primitives/hex.ts";
import { type BatchNumber, batchNumber } from "../primitives/units.ts";
import type { L1ErrorCode, L1Log } from "./l1_client.ts";

/** Where an event stands on L1. */
export interface L1Position {
  readonly blockNumber: bigint;
  readonly blockHash: Hash32;
  readonly transactionHash: Hash32;
  readonly logIndex: bigint;
}

/** Batches up to `lastBatch` became virtual; their data is the input of `at.transactionHash`. */
export interface SequencedEvent {
  readonly kind: "sequenced";
  readonly lastBatch: BatchNumber;
  /** Rolling hash of L1->L2 operations that went into the accInputHash. */
  readonly l1InfoRoot: Hash32;
  readonly at: L1Position;
}

/** Batches up to `lastBatch` became consolidated with `stateRoot`. */
export interface VerifiedEvent {
  readonly kind: "verified";
  readonly lastBatch: BatchNumber;
  readonly stateRoot: Hash32;
  /** Account that sent the proof. */
  readonly aggregator: Address;
  readonly at: L1Position;
}

/** An event of the rollup contract. */
export type RollupEvent = SequencedEvent | VerifiedEvent;

/** First topic of `SequenceBatches(uint64 indexed numBatch, bytes32 l1InfoRoot)`. */
export const SEQUENCE_BATCHES_TOPIC: Hash32 = topicOf("SequenceBatches(uint64,bytes32)");
/** First topic of `VerifyBatches(uint64 indexed, bytes32 stateRoot, address indexed)`. */
export const VERIFY_BATCHES_TOPIC: Hash32 = topicOf("VerifyBatches(uint64,bytes32,address)");

/**
 * The event that a log of the rollup contract is, or `undefined` when its topic is none of ours.
 * The caller has asked for logs of the contract's address only.
 *
 * @throws `L1_LOG_INVALID` when the topic is ours and the rest is not.
 */
export function decodeRollupEvent(log: L1Log): RollupEvent | undefined {
  const [topic] = log.topics;
  if (topic === SEQUENCE_BATCHES_TOPIC) {
    const [lastBatch, ...rest] = log.topics.slice(1);
    if (lastBatch === undefined || rest.length > 0) throw invalidLog(log, "expected 2 topics");
    return {
      kind: "sequenced",
      lastBatch: topicToBatchNumber(log, lastBatch),
      l1InfoRoot: dataWord(log),
      at: positionOf(log),
    };
  }
  if (topic === VERIFY_BATCHES_TOPIC) {
    const [lastBatch, aggregator, ...rest] = log.topics.slice(1);
    if (lastBatch === undefined || aggregator === undefined || rest.length > 0) {
      throw invalidLog(log, "expected 3 topics");
    }
    return {
      kind: "verified",
      lastBatch: topicToBatchNumber(log, lastBatch),
      stateRoot: dataWord(log),
      aggregator: topicToAddress(log, aggregator),
      at: positionOf(log),
    };
  }
  return undefined;
}

function topicToBatchNumber(log: L1Log, topic: Hash32): BatchNumber {
  const value = bytesToBigint(hexToBytes(topic));
  if (value >= 1n << 64n) throw invalidLog(log, "batch number is above 64 bits");
  return batchNumber(value);
}

function topicToAddress(log: L1Log, topic: Hash32): Address {
  if (!topic.startsWith(`0x${"00".repeat(12)}`)) throw invalidLog(log, "address is too long");
  return address(`0x${topic.slice(26)}`);
}

/** The one word of data that both events have. */
function dataWord(log: L1Log): Hash32 {
  if (log.data.length !== 66) throw invalidLog(log, "expected 32 bytes of data");
  return hash32(log.data);
}

function positionOf(log: L1Log): L1Position {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  return { blockNumber, blockHash, transactionHash, logIndex };
}

function topicOf(signature: string): Hash32 {
  return keccak256(new TextEncoder().encode(signature));
}

function invalidLog(log: L1Log, reason: string): RollupError<L1ErrorCode> {
  return new RollupError(
    "L1_LOG_INVALID",
    `Cannot read log ${log.logIndex} of L1 block ${log.blockNumber} as an event: ${reason}`,
    {
      details: { transactionHash: log.transactionHash, address: log.address, reason },
      mend: "Check that the rollup address is that of this version's contract.",
    },
  );
}
