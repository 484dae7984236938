/**
 * All that the transition of one batch needs, and nothing more.
 *
 * Owns the shape and the strict codec of a batch witness. Every field is bound to the public
 * inputs: the parent header through the header commitment in the old state, the leaves through the
 * old state root, codes through their hashes, the rest through accInputHash. Does not own running
 * it (`state_transition.ts`).
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { decodeRlp, encodeRlp, rlpBytes, rlpList, rlpUint, uintToRlp } from "../primitives/rlp.ts";
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
  readonly oldAccInputHash: Hash32;
  readonly l1ToL2RollingHash: Hash32;
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

/** The canonical bytes of `witness`. */
export function encodeBatchWitness(witness: BatchWitness): Uint8Array {
  return encodeRlp([
    uintToRlp(VERSION),
    uintToRlp(witness.chainId),
    hexToBytes(witness.prover),
    hexToBytes(witness.coinbase),
    uintToRlp(witness.initNumBatch),
    hexToBytes(witness.oldAccInputHash),
    hexToBytes(witness.l1ToL2RollingHash),
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
    if (parentHeader.number > MAX_PARENT_NUMBER) throw malformed("no block can follow its parent");
    return {
      chainId: rlpUint(fields[1], 8),
      prover: bytesToAddress(rlpBytes(fields[2], 20)),
      coinbase: bytesToAddress(rlpBytes(fields[3], 20)),
      initNumBatch: rlpUint(fields[4], 8),
      oldAccInputHash: bytesToHash32(rlpBytes(fields[5], 32)),
      l1ToL2RollingHash: bytesToHash32(rlpBytes(fields[6], 32)),
      limitTimestampSec: rlpUint(fields[7], 8),
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

function malformed(reason: string, cause?: unknown): RollupError<WitnessErrorCode> {
  return new RollupError("WITNESS_MALFORMED", `Cannot decode the bytes as a witness: ${reason}`, {
    details: { reason },
    mend: "Ask the sequencer for the job again; the bytes were damaged on the way.",
    cause,
  });
}
