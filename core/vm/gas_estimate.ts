/**
 * The search for a gas limit with which a transaction succeeds.
 *
 * Owns the search alone: what a try does, and what limits apply, is the caller's. Does not own
 * errors; the caller words them for its audience.
 * @module
 */
import type { CallOutcome } from "./executor.ts";

/** Gas that a call with value hands over for free. */
const CALL_STIPEND = 2_300n;

/** What the search found: a limit, or the outcome that shows why no limit is enough. */
export type GasEstimate<Outcome extends CallOutcome = CallOutcome> =
  | { readonly kind: "limit"; readonly gasLimit: bigint }
  | { readonly kind: "failed"; readonly outcome: Outcome };

/**
 * The least limit up to `allowance`, within 1.5 % as geth, with which `tryWith` succeeds.
 *
 * The cost is two runs for nearly everything: one at the allowance, one at what that one used.
 */
export async function estimateGasLimit<Outcome extends CallOutcome>(
  tryWith: (gasLimit: bigint) => Promise<Outcome>,
  allowance: bigint,
): Promise<GasEstimate<Outcome>> {
  const best = await tryWith(allowance);
  if (!best.success) return { kind: "failed", outcome: best };
  if ((await tryWith(best.gasUsed)).success) return { kind: "limit", gasLimit: best.gasUsed };
  let failing = best.gasUsed;
  let succeeding = allowance;
  // A call must leave a 64th behind (EIP-150); this limit suffices for nearly everything.
  const likely = ((best.gasUsed + CALL_STIPEND) * 64n) / 63n;
  if (likely < succeeding) {
    if ((await tryWith(likely)).success) succeeding = likely;
    else failing = likely;
  }
  while (failing + 1n < succeeding && (succeeding - failing) * 1_000n > succeeding * 15n) {
    const middle = (failing + succeeding) / 2n;
    // Most need little more than what failed, so the search leans to the low end.
    const next = failing > 0n && middle > failing * 2n ? failing * 2n : middle;
    if ((await tryWith(next)).success) succeeding = next;
    else failing = next;
  }
  return { kind: "limit", gasLimit: succeeding };
}
