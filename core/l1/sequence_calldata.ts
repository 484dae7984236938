/**
 * Reads batches back out of the input of an L1 transaction, exactly as the contract read them.
 *
 * Owns the decoding of `sequenceBatches` calldata. It mirrors Solidity's own calldata reader, not
 * what encoders usually write: the contract accepts offsets that point backwards, several batches
 * that share the same bytes, gaps, and bytes at the end, so a follower that insisted on the usual
 * form could be stopped by a sequencer with a strange encoder. A conformance test mutates calldata
 * and holds this file to the contract. Does not own encoding (`calls.ts`) or the meaning of the
 * batch data (`batching/batch_data.ts`).
 * @module
 */
import { bytesToBigint } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  bytesToAddress,
  type Hash32,
  type Hex,
  hexToBytes,
} from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { type BatchNumber, batchNumber } from "../primitives/units.ts";
import type { L1ErrorCode } from "./l1_client.ts";

/** One batch as it is sequenced. */
export interface SequencedBatchInput {
  /** Batch data. */
  readonly transactions: Uint8Array;
  /** Latest timestamp that a block of the batch may have; its own, so that grouping changes nothing. */
  readonly timestampSec: bigint;
  /** How many L1->L2 operations the batch consumes, from the head of the queue. */
  readonly operationCount: bigint;
}

/** The arguments of one `sequenceBatches` call. */
export interface SequenceBatchesCall {
  /** Batches in order; the first is batch `initSequencedBatch` + 1. */
  readonly batches: readonly SequencedBatchInput[];
  readonly initSequencedBatch: BatchNumber;
  /** accInputHash after the last batch; covers all before, so it names the history the call is for. */
  readonly expectedFinalAccInputHash: Hash32;
  readonly l2Coinbase: Address;
}

/** Selector of `sequenceBatches((bytes,uint64,uint64)[],uint64,bytes32,address)`. */
export const SEQUENCE_BATCHES_SELECTOR = "0x8dc1c4da";
/** `MAX_VERIFY_BATCHES` of the contract. */
export const MAX_BATCHES_PER_SEQUENCE = 1000;
/** Far above what the gas of any L1 block can pay for; bounds memory only. */
const MAX_INPUT_BYTES = 32 * 1024 * 1024;

const WORD = 32n;
/** Where arguments start and offsets count from. */
const HEAD = 4n;
const MAX_UINT64 = (1n << 64n) - 1n;

/**
 * The batches in the input of a transaction that called `sequenceBatches` directly.
 *
 * Accepts what the contract's own reader and size checks accept and refuses the rest; checks that
 * need the contract's state are not repeated. The batch data are views of one buffer.
 *
 * @throws `L1_CALLDATA_INVALID`
 */
export function decodeSequenceBatches(input: Hex): SequenceBatchesCall {
  if (input.length > 2 + 2 * MAX_INPUT_BYTES) throw invalidCalldata("input is too long");
  if (!input.toLowerCase().startsWith(SEQUENCE_BATCHES_SELECTOR)) {
    throw invalidCalldata("input does not start with the selector of sequenceBatches");
  }
  const calldata = createCalldata(hexToBytes(input));
  if (calldata.size < HEAD + 4n * WORD) throw invalidCalldata("input ends inside the arguments");
  const listOffset = calldata.word(HEAD);
  if (listOffset > MAX_UINT64) throw invalidCalldata("offset of the batches is too large");
  const initSequencedBatch = batchNumber(uint64At(calldata, HEAD + WORD));
  const expectedFinalAccInputHash = bigintToHash32(calldata.word(HEAD + 2n * WORD));
  const l2Coinbase = addressAt(calldata, HEAD + 3n * WORD);
  return {
    batches: readBatches(calldata, HEAD + listOffset),
    initSequencedBatch,
    expectedFinalAccInputHash,
    l2Coinbase,
  };
}

function readBatches(calldata: Calldata, listAt: bigint): readonly SequencedBatchInput[] {
  if (listAt + WORD > calldata.size) throw invalidCalldata("batches start past the end");
  const count = calldata.word(listAt);
  if (count === 0n) throw invalidCalldata("there are no batches");
  if (count > BigInt(MAX_BATCHES_PER_SEQUENCE)) throw invalidCalldata("there are too many batches");
  const itemsAt = listAt + WORD;
  if (itemsAt + count * WORD > calldata.size) throw invalidCalldata("batches reach past the end");
  const batches: SequencedBatchInput[] = [];
  for (let index = 0n; index < count; index++) {
    // A batch is a tuple of 3 words that must lie in the input, unless its offset is negative.
    const tupleAt = calldata.follow(itemsAt, itemsAt + index * WORD, 3n * WORD);
    batches.push(readBatch(calldata, tupleAt));
  }
  return batches;
}

function readBatch(calldata: Calldata, tupleAt: bigint): SequencedBatchInput {
  const bytesAt = calldata.follow(tupleAt, tupleAt, WORD);
  const sizeBytes = calldata.word(bytesAt);
  const dataAt = BigInt.asIntN(256, bytesAt + WORD);
  // Solidity compares twice: signed when it finds the data, unsigned when it copies it to hash it.
  const isInside = sizeBytes <= MAX_UINT64 && dataAt <= calldata.size - sizeBytes &&
    BigInt.asUintN(256, dataAt + sizeBytes) <= calldata.size;
  if (!isInside) throw invalidCalldata("data of a batch does not lie in the input");
  if (sizeBytes > BigInt(LIMITS.maxBatchDataBytes)) {
    throw invalidCalldata("data of a batch is too long");
  }
  const timestampSec = uint64At(calldata, tupleAt + WORD);
  const operationCount = calldata.word(tupleAt + 2n * WORD);
  if (operationCount > BigInt(LIMITS.maxOperationsPerBatch)) {
    throw invalidCalldata("a batch consumes too many operations");
  }
  return { transactions: calldata.bytes(dataAt, Number(sizeBytes)), timestampSec, operationCount };
}

function uint64At(calldata: Calldata, at: bigint): bigint {
  const value = calldata.word(at);
  if (value > MAX_UINT64) throw invalidCalldata("a 64-bit argument is too large");
  return value;
}

function addressAt(calldata: Calldata, at: bigint): Address {
  if (calldata.word(at) >= 1n << 160n) throw invalidCalldata("the coinbase is no address");
  return bytesToAddress(calldata.bytes(at + 12n, 20));
}

/** Input as the EVM sees it: positions are 256-bit words, and past the end everything is zero. */
interface Calldata {
  readonly size: bigint;
  /** The 32 bytes at a position, as CALLDATALOAD gives them. */
  word(at: bigint): bigint;
  /** Bytes that are known to lie inside, unless there are none. */
  bytes(at: bigint, sizeBytes: number): Uint8Array;
  /**
   * Where the relative offset at `pointerAt` leads, counted from `base`. Solidity compares signed:
   * at least `neededBytes` must follow, but a negative offset always passes. Positions are signed
   * for the same reason; a negative one is past the end of any input.
   */
  follow(base: bigint, pointerAt: bigint, neededBytes: bigint): bigint;
}

function createCalldata(input: Uint8Array): Calldata {
  const size = BigInt(input.length);
  const word = (at: bigint): bigint => {
    const position = BigInt.asUintN(256, at);
    if (position >= size) return 0n;
    const padded = new Uint8Array(32);
    padded.set(input.subarray(Number(position), Number(position) + 32));
    return bytesToBigint(padded);
  };
  return {
    size,
    word,
    bytes: (at, sizeBytes) => {
      if (sizeBytes === 0) return input.subarray(0, 0);
      return input.subarray(Number(at), Number(at) + sizeBytes);
    },
    follow: (base, pointerAt, neededBytes) => {
      const offset = BigInt.asIntN(256, word(pointerAt));
      const limit = BigInt.asIntN(256, size - base - (neededBytes - 1n));
      if (offset >= limit) throw invalidCalldata("an offset leads past the end");
      return BigInt.asIntN(256, base + offset);
    },
  };
}

function invalidCalldata(reason: string): RollupError<L1ErrorCode> {
  return new RollupError(
    "L1_CALLDATA_INVALID",
    `Cannot read transaction input as a call of sequenceBatches: ${reason}`,
    {
      details: { reason },
      mend: "Check that the transaction called sequenceBatches of this rollup and succeeded.",
    },
  );
}
