/**
 * Domain values as the plain JSON of `engine.ts`.
 *
 * Owns the conversions that several verbs share. Does not own the shapes.
 * @module
 */
import type { Heads } from "../pipeline/heads.ts";
import { assert } from "../primitives/errors.ts";
import type { HeadsView } from "./engine.ts";

/** A counter as a JSON number; counters stay far below 2^53. */
export function toNumber(value: bigint): number {
  assert(value <= BigInt(Number.MAX_SAFE_INTEGER), "a counter is exact as a JSON number");
  return Number(value);
}

/** Heads as JSON. */
export function headsToView(heads: Heads, pooled: number): HeadsView {
  return {
    block: toNumber(heads.block),
    sealed: toNumber(heads.sealed),
    sequenced: toNumber(heads.sequenced),
    proven: toNumber(heads.proven),
    verified: toNumber(heads.verified),
    l1Block: toNumber(heads.l1Block),
    pooled,
  };
}
