/**
 * The statement that a proof proves, as the bytes whose hash the L1 verifier is given.
 *
 * Owns the byte layout; `Rollup.sol` `getPublicInputsHash` follows it and a test compares the two.
 * Does not own what makes the statement true, nor any kind of proof.
 *
 * Layout, 284 bytes, integers big-endian, nothing between the fields (Polygon's order, with leaf
 * counts and pubdata added, the program hash in the place of the fork id, keccak256 in the place of
 * SHA-256 modulo the BN254 order):
 *
 * | offset | size | field             | who chooses it on L1                     |
 * |-------:|-----:|-------------------|------------------------------------------|
 * |      0 |   20 | `prover`          | `msg.sender`, so a proof cannot be stolen |
 * |     20 |   32 | `oldStateRoot`    | storage                                  |
 * |     52 |    8 | `oldLeafCount`    | storage                                  |
 * |     60 |   32 | `oldAccInputHash` | storage                                  |
 * |     92 |    8 | `initNumBatch`    | caller, checked                          |
 * |    100 |    8 | `chainId`         | immutable                                |
 * |    108 |   32 | `programHash`     | immutable                                |
 * |    140 |   32 | `newStateRoot`    | caller                                   |
 * |    172 |    8 | `newLeafCount`    | caller                                   |
 * |    180 |   32 | `newAccInputHash` | storage                                  |
 * |    212 |   32 | `newLocalExitRoot`| caller                                   |
 * |    244 |   32 | `pubdataHash`     | caller                                   |
 * |    276 |    8 | `finalNewBatch`   | caller, checked                          |
 *
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { bigintToBytes, ByteReader, concatBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../primitives/hex.ts";

/** Codes that this file throws. */
export type PublicInputsErrorCode = "PUBLIC_INPUTS_INVALID";

/** Everything a proof is bound to; good for exactly one such statement. */
export interface PublicInputs {
  /** L1 account that sends the proof. */
  readonly prover: Address;
  /** State before batch `initNumBatch` + 1. */
  readonly oldStateRoot: Hash32;
  readonly oldLeafCount: bigint;
  readonly oldAccInputHash: Hash32;
  /** Last batch before the proven ones. */
  readonly initNumBatch: bigint;
  /** Chain id of the L2. */
  readonly chainId: bigint;
  /** The program that was executed. */
  readonly programHash: Hash32;
  /** State after batch `finalNewBatch`. */
  readonly newStateRoot: Hash32;
  readonly newLeafCount: bigint;
  readonly newAccInputHash: Hash32;
  /**
   * Root of the L2->L1 log tree of the proven batch; of several, keccak256 of their packed roots
   * (`aggregate.ts`).
   */
  readonly newLocalExitRoot: Hash32;
  /** keccak256 of the pubdata of the proven batch; of several, keccak256 of their packed hashes. */
  readonly pubdataHash: Hash32;
  /** Last proven batch. */
  readonly finalNewBatch: bigint;
}

/** Bytes of encoded public inputs. */
export const PUBLIC_INPUTS_SIZE_BYTES = 284;

/** keccak256 of the packed public inputs: the one word that the L1 verifier is given. */
export function hashPublicInputs(inputs: PublicInputs): Hash32 {
  return keccak256(encodePublicInputs(inputs));
}

/** The packed public inputs, in the layout of this module's page. */
export function encodePublicInputs(inputs: PublicInputs): Uint8Array {
  return concatBytes(
    hexToBytes(inputs.prover),
    hexToBytes(inputs.oldStateRoot),
    bigintToBytes(inputs.oldLeafCount, 8),
    hexToBytes(inputs.oldAccInputHash),
    bigintToBytes(inputs.initNumBatch, 8),
    bigintToBytes(inputs.chainId, 8),
    hexToBytes(inputs.programHash),
    hexToBytes(inputs.newStateRoot),
    bigintToBytes(inputs.newLeafCount, 8),
    hexToBytes(inputs.newAccInputHash),
    hexToBytes(inputs.newLocalExitRoot),
    hexToBytes(inputs.pubdataHash),
    bigintToBytes(inputs.finalNewBatch, 8),
  );
}

/**
 * The public inputs that `bytes` pack. Any 284 bytes are some public inputs: whether they are the
 * right ones is for the caller to compare.
 *
 * @throws `PUBLIC_INPUTS_INVALID` when there are more or fewer bytes.
 */
export function decodePublicInputs(bytes: Uint8Array): PublicInputs {
  if (bytes.length !== PUBLIC_INPUTS_SIZE_BYTES) {
    throw new RollupError<PublicInputsErrorCode>(
      "PUBLIC_INPUTS_INVALID",
      `Cannot read public inputs as they must be ${PUBLIC_INPUTS_SIZE_BYTES} bytes: ` +
        `got ${bytes.length}`,
      {
        details: { sizeBytes: bytes.length },
        mend: "Give the bytes that `encodePublicInputs` made, all of them.",
      },
    );
  }
  const reader = new ByteReader(bytes);
  // Fields are read in the order of the layout: object literals evaluate from top to bottom.
  return {
    prover: bytesToAddress(reader.take(20)),
    oldStateRoot: bytesToHash32(reader.take(32)),
    oldLeafCount: reader.takeUint(8),
    oldAccInputHash: bytesToHash32(reader.take(32)),
    initNumBatch: reader.takeUint(8),
    chainId: reader.takeUint(8),
    programHash: bytesToHash32(reader.take(32)),
    newStateRoot: bytesToHash32(reader.take(32)),
    newLeafCount: reader.takeUint(8),
    newAccInputHash: bytesToHash32(reader.take(32)),
    newLocalExitRoot: bytesToHash32(reader.take(32)),
    pubdataHash: bytesToHash32(reader.take(32)),
    finalNewBatch: reader.takeUint(8),
  };
}
