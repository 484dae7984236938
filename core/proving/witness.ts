/**
 * All that the transition of one batch needs, and nothing more.
 *
 * Owns the shape and the strict codec of a batch witness. Every field is bound to the public
 * inputs: the parent header through the header commitment in the old state, the leaves through the
 * old state root, codes through their hashes, the operations through the rolling hash in
 * accInputHash, what the batch before it added through the old accInputHash, the rest through the
 * new one. Does not own running it (`state_transition.ts`).
 * @module
 */
import type { AccInputPreimage } from "../batching/acc_input_hash.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { RollupError } from "../primitives/errors.ts";
import { type Address, bytesToAddress, bytesToHash32, hexToBytes } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../primitives/rlp.ts";
import { decodeTreeWitness, encodeTreeWitness, type TreeWitness } from "../tree/mod.ts";
import { type BlockHeader, decodeHeader, encodeHeader } from "../types/block.ts";

/** What a prover starts from. */
export interface BatchWitness {
  readonly chainId: bigint;
  /** Who will send the proof to L1. */
  readonly prover: Address;
  readonly coinbase: Address;
  /** Number of the batch before this one. */
  readonly initNumBatch: bigint;
  /**
   * What the batch before has added to accInputHash, which is where the rolling hash of the L1->L2
   * operations before this batch comes from; absent just before batch 1.
   */
  readonly previous: AccInputPreimage | undefined;
  /** The L1->L2 operations that the batch consumes, in the order of the queue. */
  readonly operations: readonly Uint8Array[];
  readonly limitTimestampSec: bigint;
  readonly parentHeader: BlockHeader;
  readonly batchData: Uint8Array;
  /** Leaves and siblings of the old tree. */
  readonly tree: TreeWitness;
  /** Codes that run, sorted by their keccak256, each once. */
  readonly codes: readonly Uint8Array[];
}

/** Codes of this room. */
export type WitnessErrorCode =
  | "WITNESS_MALFORMED"
  | "WITNESS_ENTRY_MISSING"
  | "WITNESS_ENTRY_EXTRA"
  | "WITNESS_PARENT_MISMATCH"
  | "WITNESS_ROOT_MISMATCH";

const VERSION = 1n;
/** Leaves 64-bit numbers for all blocks that a batch can have. */
const MAX_PARENT_NUMBER = (1n << 64n) - 1n - BigInt(LIMITS.maxBlocksPerBatch);
/** The same for timestamps: implicit blocks come after the limit, one for each operation at most. */
const MAX_TIMESTAMP_SEC = (1n << 64n) - 1n - BigInt(LIMITS.maxOperationsPerBatch);

/** The canonical bytes of `witness`. */
export function encodeBatchWitness(witness: BatchWitness): Uint8Array {
  return encodeRlp([
    uintToRlp(VERSION),
    uintToRlp(witness.chainId),
    hexToBytes(witness.prover),
    hexToBytes(witness.coinbase),
    uintToRlp(witness.initNumBatch),
    encodePreimage(witness.previous),
    witness.operations,
    uintToRlp(witness.limitTimestampSec),
    encodeHeader(witness.parentHeader),
    witness.batchData,
    encodeTreeWitness(witness.tree),
    witness.codes,
  ]);
}

/**
 * The witness that `bytes` encode.
 *
 * @throws `WITNESS_MALFORMED` with the codec's error as cause.
 */
export function decodeBatchWitness(bytes: Uint8Array): BatchWitness {
  try {
    const fields = rlpList(decodeRlp(bytes), 12);
    if (rlpUint(fields[0], 1) !== VERSION) throw malformed("its version is not 1");
    const codes = rlpList(fields[11]).map((code) => rlpBytes(code));
    const codeHashes = codes.map(keccak256);
    if (codeHashes.some((hash, index) => index > 0 && hash <= (codeHashes[index - 1] ?? ""))) {
      throw malformed("its codes are not sorted by hash, each once");
    }
    const parentHeader = decodeHeader(rlpBytes(fields[8]));
    if (
      parentHeader.number > MAX_PARENT_NUMBER || parentHeader.timestampSec > MAX_TIMESTAMP_SEC
    ) throw malformed("no block can follow its parent");
    const initNumBatch = rlpUint(fields[4], 8);
    const previous = decodePreimage(fields[5]);
    if ((initNumBatch === 0n) !== (previous === undefined)) {
      throw malformed("it names the batch before just if there is one");
    }
    const limitTimestampSec = rlpUint(fields[7], 8);
    if (limitTimestampSec > MAX_TIMESTAMP_SEC) throw malformed("no block can follow its limit");
    return {
      chainId: rlpUint(fields[1], 8),
      prover: bytesToAddress(rlpBytes(fields[2], 20)),
      coinbase: bytesToAddress(rlpBytes(fields[3], 20)),
      initNumBatch,
      previous,
      operations: decodeOperations(fields[6]),
      limitTimestampSec,
      parentHeader,
      batchData: rlpBytes(fields[9]),
      tree: decodeTreeWitness(rlpBytes(fields[10])),
      codes,
    };
  } catch (cause) {
    if (cause instanceof RollupError && cause.code === "WITNESS_MALFORMED") throw cause;
    throw malformed(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function encodePreimage(previous: AccInputPreimage | undefined): RlpItem {
  if (previous === undefined) return [];
  return [
    hexToBytes(previous.oldAccInputHash),
    hexToBytes(previous.batchDataHash),
    hexToBytes(previous.l1ToL2RollingHash),
    uintToRlp(previous.limitTimestampSec),
    hexToBytes(previous.coinbase),
  ];
}

function decodePreimage(item: RlpItem | undefined): AccInputPreimage | undefined {
  if (rlpList(item).length === 0) return undefined;
  const fields = rlpList(item, 5);
  return {
    oldAccInputHash: bytesToHash32(rlpBytes(fields[0], 32)),
    batchDataHash: bytesToHash32(rlpBytes(fields[1], 32)),
    l1ToL2RollingHash: bytesToHash32(rlpBytes(fields[2], 32)),
    limitTimestampSec: rlpUint(fields[3], 8),
    coinbase: bytesToAddress(rlpBytes(fields[4], 20)),
  };
}

/** L1 queues and lets a batch consume no others, so no honest witness has them. */
function decodeOperations(item: RlpItem | undefined): readonly Uint8Array[] {
  const operations = rlpList(item);
  if (operations.length > LIMITS.maxOperationsPerBatch) {
    throw malformed(
      `it has ${operations.length} operations, above ${LIMITS.maxOperationsPerBatch}`,
    );
  }
  return operations.map((operation) => {
    const raw = rlpBytes(operation);
    if (raw.length >= 1 && raw.length <= LIMITS.maxOperationBytes) return raw;
    throw malformed(
      `an operation has ${raw.length} bytes, not 1 to ${LIMITS.maxOperationBytes}`,
    );
  });
}

function malformed(reason: string, cause?: unknown): RollupError<WitnessErrorCode> {
  return new RollupError("WITNESS_MALFORMED", `Cannot decode the bytes as a witness: ${reason}`, {
    details: { reason },
    mend: "Ask the sequencer for the job again; the bytes were damaged on the way.",
    cause,
  });
}
