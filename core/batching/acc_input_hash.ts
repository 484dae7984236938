/**
 * The hash chain over everything that was ever sequenced.
 *
 * Owns the formula off chain and that of the rolling hash of L1->L2 operations in it; `core/l1/contracts/AccInputHash.sol` is the same formula on L1, and
 * one fixture holds both to Polygon's published values. Does not own the batch data that is hashed.
 * @module
 */
import { keccak256, keccak256Bytes } from "../crypto/keccak.ts";
import { bigintToBytes, concatBytes } from "../primitives/bytes.ts";
import { type Address, type Hash32, hexToBytes, ZERO_HASH } from "../primitives/hex.ts";

/** What one batch adds to the chain; give its data or, where only that is known, its hash. */
export type AccInput =
  & {
    /** Value after the batch before; 32 zero bytes before batch 1. */
    readonly oldAccInputHash: Hash32;
    /** Rolling hash of the L1->L2 operations consumed so far. */
    readonly l1ToL2RollingHash: Hash32;
    /** Latest timestamp, in seconds, that a block of the batch may have: `BatchData.timestamp`. */
    readonly limitTimestampSec: bigint;
    /** L2 account that collects the fees. */
    readonly coinbase: Address;
    /** Hash of the L1 block of a forced batch; absent for all others. */
    readonly forcedBlockHashL1?: Hash32;
  }
  & ({ readonly batchData: Uint8Array } | { readonly batchDataHash: Hash32 });

/** All that one batch has added to the chain: who knows it can check the value after the batch. */
export interface AccInputPreimage {
  readonly oldAccInputHash: Hash32;
  readonly batchDataHash: Hash32;
  readonly l1ToL2RollingHash: Hash32;
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
}

/** Value before batch 1. */
export const GENESIS_ACC_INPUT_HASH: Hash32 = ZERO_HASH;

/** Rolling hash of no L1->L2 operations: keccak256 of nothing (zk-stack, section 4.4). */
export const EMPTY_L1_TO_L2_ROLLING_HASH: Hash32 = keccak256(new Uint8Array(0));

/**
 * The rolling hash after one more L1->L2 operation: keccak256 of the old value and of the keccak256
 * of its bytes, 64 bytes together (zk-stack, section 4.4; `Rollup.forceBatch`).
 */
export function rollOperation(rollingHash: Hash32, operation: Uint8Array): Hash32 {
  return keccak256(concatBytes(hexToBytes(rollingHash), keccak256Bytes(operation)));
}

/**
 * The accInputHash after one more batch.
 *
 * keccak256 of 156 tightly packed bytes: old value (32) ‖ keccak256 of the batch data (32) ‖
 * rolling hash (32) ‖ limit timestamp (8) ‖ coinbase (20) ‖ forced block hash (32). This is Polygon's
 * formula since the etrog fork, with the rolling hash in the place of `l1InfoRoot`.
 *
 * @example An empty batch
 * ```ts
 * import { accInputHash, EMPTY_L1_TO_L2_ROLLING_HASH, GENESIS_ACC_INPUT_HASH } from "./acc_input_hash.ts";
 * import { ZERO_ADDRESS } from "../primitives/hex.ts";
 *
 * const acc = accInputHash({
 *   oldAccInputHash: GENESIS_ACC_INPUT_HASH,
 *   batchData: new Uint8Array(0),
 *   l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
 *   limitTimestampSec: 0n,
 *   coinbase: ZERO_ADDRESS,
 * });
 * if (acc.length !== 66) throw new Error("32 bytes of hex");
 * ```
 */
export function accInputHash(input: AccInput): Hash32 {
  const batchDataHash = "batchData" in input
    ? keccak256Bytes(input.batchData)
    : hexToBytes(input.batchDataHash);
  return keccak256(concatBytes(
    hexToBytes(input.oldAccInputHash),
    batchDataHash,
    hexToBytes(input.l1ToL2RollingHash),
    bigintToBytes(input.limitTimestampSec, 8),
    hexToBytes(input.coinbase),
    hexToBytes(input.forcedBlockHashL1 ?? ZERO_HASH),
  ));
}
