/**
 * Seeded bytes and words for the fuzz.
 *
 * Owns how they are drawn. Does not own what they are used for.
 * @module
 */
import type { Draw } from "./random_programs.ts";

/** Words at which 256-bit arithmetic has its edges. */
const EDGES: readonly bigint[] = [
  0n,
  1n,
  2n,
  31n,
  32n,
  255n,
  256n,
  257n,
  (1n << 64n) - 1n,
  1n << 64n,
  (1n << 128n) - 1n,
  1n << 128n,
  (1n << 255n) - 1n,
  1n << 255n,
  (1n << 256n) - 2n,
  (1n << 256n) - 1n,
];

/** Bytes without any meaning. */
export function randomBytes(draw: Draw, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => draw.below(256));
}

/** A word: an edge, a few bytes, or any. */
export function randomWord(draw: Draw): bigint {
  const kind = draw.below(10);
  if (kind < 4) return draw.pick(EDGES);
  const length = kind < 8 ? 1 + draw.below(4) : 1 + draw.below(32);
  return randomBytes(draw, length).reduce((word, byte) => word << 8n | BigInt(byte), 0n);
}
