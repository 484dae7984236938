/**
 * What the rollup contract announced, as typed events.
 *
 * Owns the contract's events off chain (`contracts/IRollup.sol` declares them). Does not own
 * reading logs (`l1_client.ts`) or what an event changes (`sync_l1`).
 * @module
 */
import type { Abi } from "viem";
import {
  decodeEventLog,
  encodeAbiParameters,
  encodeEventTopics,
  toEventSelector,
} from "viem/utils";
import { RollupError } from "../primitives/errors.ts";
import { type Address, address, type Hash32, hash32, hexToBytes } from "../primitives/hex.ts";
import { type BatchNumber, batchNumber } from "../primitives/units.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
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
  /** Rolling hash of the L1->L2 operations that are consumed after the last batch. */
  readonly l1InfoRoot: Hash32;
  readonly at: L1Position;
}

/** Batch `lastBatch` became virtual without the sequencer: it has no data, only operations. */
export interface ForceSequencedEvent {
  readonly kind: "forceSequenced";
  readonly lastBatch: BatchNumber;
  /** Number of the last operation that the batch consumes. */
  readonly lastOperation: bigint;
  /** Limit timestamp of the batch: that of its L1 block. */
  readonly timestampSec: bigint;
  /** Account that sent it, which collects the fees on L2. */
  readonly coinbase: Address;
  readonly at: L1Position;
}

/** An L1->L2 operation entered the queue. */
export interface OperationEvent {
  readonly kind: "operation";
  /** From 1. */
  readonly number: bigint;
  /** Rolling hash of all operations up to this one. */
  readonly rollingHash: Hash32;
  /** Account on L1 that put it there; the transaction's own sender may be another. */
  readonly sender: Address;
  /** From this L1 time on the sequencer cannot pass it by. */
  readonly deadlineSec: bigint;
  /** What should be the EIP-2718 bytes of a signed L2 transaction, and may be anything. */
  readonly transaction: Uint8Array;
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

/** Batches above `targetBatch` are virtual no more. */
export interface RolledBackEvent {
  readonly kind: "rolledBack";
  readonly targetBatch: BatchNumber;
  /** accInputHash after `targetBatch`. */
  readonly accInputHash: Hash32;
  readonly at: L1Position;
}

/** The emergency state began or ended. */
export interface EmergencyEvent {
  readonly kind: "emergency";
  readonly active: boolean;
  readonly at: L1Position;
}

/** The admin changed a setting, a verifier or the program. */
export interface SettingEvent {
  readonly kind: "setting";
  /** Name of the contract's event. */
  readonly name: string;
  /** The event's arguments in their order, separated by spaces. */
  readonly value: string;
  readonly at: L1Position;
}

/** An event of the rollup contract. */
export type RollupEvent =
  | SequencedEvent
  | ForceSequencedEvent
  | OperationEvent
  | VerifiedEvent
  | RolledBackEvent
  | EmergencyEvent
  | SettingEvent;

/** First topic of `SequenceBatches(uint64 indexed numBatch, bytes32 l1InfoRoot)`. */
export const SEQUENCE_BATCHES_TOPIC: Hash32 = topicOf("SequenceBatches(uint64,bytes32)");
/** First topic of `VerifyBatches(uint64 indexed, bytes32 stateRoot, address indexed)`. */
export const VERIFY_BATCHES_TOPIC: Hash32 = topicOf("VerifyBatches(uint64,bytes32,address)");

type EventAbi = Extract<(typeof ROLLUP_ABI)[number], { readonly type: "event" }>;

const eventsByTopic: ReadonlyMap<string, EventAbi> = new Map(
  ROLLUP_ABI.flatMap((entry) => entry.type === "event" ? [[toEventSelector(entry), entry]] : []),
);

/**
 * The event that a log of the rollup contract is, or `undefined` when its topic is none of ours.
 * The caller has asked for logs of the contract's address only.
 *
 * @throws `L1_LOG_INVALID` when the topic is ours and the rest is not, byte by byte, what the
 * contract writes.
 */
export function decodeRollupEvent(log: L1Log): RollupEvent | undefined {
  const [topic, ...others] = log.topics;
  const entry = topic === undefined ? undefined : eventsByTopic.get(topic);
  if (topic === undefined || entry === undefined) return undefined;
  let decoded;
  try {
    decoded = decodeEventLog({
      abi: ROLLUP_ABI,
      topics: [topic, ...others],
      data: log.data,
      strict: true,
    });
    requireCanonical(log, entry, decoded.args ?? {});
  } catch (cause) {
    throw invalidLog(log, `it has not the fields of ${entry.name}`, cause);
  }
  return toEvent(decoded, log);
}

type DecodedEvent = ReturnType<typeof decodeEventLog<typeof ROLLUP_ABI, undefined>>;

function toEvent(decoded: DecodedEvent, log: L1Log): RollupEvent {
  const at = positionOf(log);
  switch (decoded.eventName) {
    case "SequenceBatches": {
      const { numBatch, l1InfoRoot } = decoded.args;
      return {
        kind: "sequenced",
        lastBatch: batchNumber(numBatch),
        l1InfoRoot: hash32(l1InfoRoot),
        at,
      };
    }
    case "SequenceForceBatches": {
      const { numBatch, lastForceBatch, timestamp, coinbase } = decoded.args;
      return {
        kind: "forceSequenced",
        lastBatch: batchNumber(numBatch),
        lastOperation: lastForceBatch,
        timestampSec: timestamp,
        coinbase: address(coinbase),
        at,
      };
    }
    case "ForceBatch": {
      const { forceBatchNum, rollingHash, sequencer, deadline, transaction } = decoded.args;
      return {
        kind: "operation",
        number: forceBatchNum,
        rollingHash: hash32(rollingHash),
        sender: address(sequencer),
        deadlineSec: deadline,
        transaction: hexToBytes(transaction),
        at,
      };
    }
    case "VerifyBatches":
    case "VerifyBatchesTrustedAggregator": {
      const { numBatch, stateRoot, aggregator } = decoded.args;
      return {
        kind: "verified",
        lastBatch: batchNumber(numBatch),
        stateRoot: hash32(stateRoot),
        aggregator: address(aggregator),
        at,
      };
    }
    case "RollbackBatches": {
      const { targetBatch, accInputHashToRollback } = decoded.args;
      return {
        kind: "rolledBack",
        targetBatch: batchNumber(targetBatch),
        accInputHash: hash32(accInputHashToRollback),
        at,
      };
    }
    case "EmergencyStateActivated":
      return { kind: "emergency", active: true, at };
    case "EmergencyStateDeactivated":
      return { kind: "emergency", active: false, at };
    default: {
      const values: readonly unknown[] = Object.values(decoded.args);
      return { kind: "setting", name: decoded.eventName, value: values.map(plain).join(" "), at };
    }
  }
}

/** An argument for people; addresses come from the library with a checksum in their letters' case. */
function plain(value: unknown): string {
  const text = String(value);
  return text.startsWith("0x") ? text.toLowerCase() : text;
}

/** The same ABI without its literal types, which TypeScript cannot follow through a generic call. */
const WIDE_ROLLUP_ABI: Abi = ROLLUP_ABI;

/**
 * Throws unless the log is what the contract writes for these arguments: decoding alone passes over
 * high bits and bytes at the end.
 */
function requireCanonical(log: L1Log, entry: EventAbi, args: object): void {
  const values = new Map<string, unknown>(Object.entries(args));
  const eventName: string = entry.name;
  const topics = encodeEventTopics({
    abi: WIDE_ROLLUP_ABI,
    eventName,
    args: Object.fromEntries(values),
  });
  const inputs = entry.inputs.filter((input) => !input.indexed);
  const data = encodeAbiParameters(inputs, inputs.map((input) => values.get(input.name)));
  const isSame = topics.length === log.topics.length &&
    topics.every((topic, index) => topic === log.topics[index]) && data === log.data;
  if (!isSame) throw new TypeError("the log is not canonical");
}

function positionOf(log: L1Log): L1Position {
  const { blockNumber, blockHash, transactionHash, logIndex } = log;
  return { blockNumber, blockHash, transactionHash, logIndex };
}

function topicOf(signature: string): Hash32 {
  return hash32(toEventSelector(signature));
}

function invalidLog(log: L1Log, reason: string, cause: unknown): RollupError<L1ErrorCode> {
  return new RollupError(
    "L1_LOG_INVALID",
    `Cannot read log ${log.logIndex} of L1 block ${log.blockNumber} as an event: ${reason}`,
    {
      details: { transactionHash: log.transactionHash, address: log.address, reason },
      mend: "Check that the rollup address is that of this version's contract.",
      cause,
    },
  );
}
