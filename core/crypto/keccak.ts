/**
 * Keccak-256 as Ethereum uses it.
 *
 * Owns the choice of library (noble). Does not own any encoding that is hashed.
 * @module
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHash32, type Hash32 } from "../primitives/hex.ts";

/** keccak256 of `bytes`, as text. */
export function keccak256(bytes: Uint8Array): Hash32 {
  return bytesToHash32(keccak_256(bytes));
}

/** keccak256 of `bytes`, as 32 bytes. */
export function keccak256Bytes(bytes: Uint8Array): Uint8Array {
  return keccak_256(bytes);
}
