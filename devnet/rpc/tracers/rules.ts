/**
 * Rules of Osaka as tracers look at them.
 *
 * Owns the constant, for chains that never had other rules. Does not own those of other forks.
 * @module
 */
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import { bytesToAddress } from "../../../core/primitives/hex.ts";
import type { TracedRules } from "../chain.ts";
import { LAST_PRECOMPILE, P256_PRECOMPILE } from "../precompiles.ts";

/** What the L2 has had from its first block on. */
export const OSAKA_TRACED_RULES: TracedRules = {
  isDestroyedOnlyNew: true,
  hasDelegations: true,
  clearsEmpty: true,
  precompiles: new Set([
    ...Array.from(
      { length: Number(LAST_PRECOMPILE) },
      (_, index) => bytesToAddress(bigintToBytes(BigInt(index) + 1n, 20)),
    ),
    P256_PRECOMPILE,
  ]),
};
