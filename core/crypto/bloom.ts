/**
 * The 2,048-bit log filter of a block and a receipt (Yellow Paper, section 4.3.1).
 *
 * Owns adding and testing entries. Does not own logs.
 * @module
 */
import { keccak256Bytes } from "./keccak.ts";

/** Size of a filter in bytes. */
export const BLOOM_SIZE_BYTES = 256;

/** Adds an address or topic to `bloom` in place. */
export function addToBloom(bloom: Uint8Array, entry: Uint8Array): void {
  for (const bit of bloomBits(entry)) {
    const byte = BLOOM_SIZE_BYTES - 1 - (bit >> 3);
    bloom[byte] = (bloom[byte] ?? 0) | (1 << (bit & 7));
  }
}

/** Whether `bloom` may hold `entry`; `false` is certain. */
export function bloomMayContain(bloom: Uint8Array, entry: Uint8Array): boolean {
  return bloomHasBits(bloom, bloomBits(entry));
}

/** Whether `bloom` may hold the entry whose {@linkcode bloomBits} these are; `false` is certain. */
export function bloomHasBits(bloom: Uint8Array, bits: readonly number[]): boolean {
  return bits.every((bit) =>
    ((bloom[BLOOM_SIZE_BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0
  );
}

/** The three bits that `entry` sets, for who looks for it in many blooms. */
export function bloomBits(entry: Uint8Array): readonly number[] {
  const hash = keccak256Bytes(entry);
  return [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2047);
}
