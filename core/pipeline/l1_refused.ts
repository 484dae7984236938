/**
 * The words for a call that L1 would refuse.
 *
 * Owns the error that names batches, check and mend. Does not own what the checks mean
 * (`l1/submit_refusals.ts`).
 * @module
 */
import { refusalMeaning } from "../l1/submit_refusals.ts";
import { RollupError } from "../primitives/errors.ts";
import { type BatchRange, describeRange } from "./l1_intent.ts";

/** Codes of this file. */
export type L1RefusedErrorCode = "L1_CALL_REFUSED";

/** The name of the custom error in an `L1_REVERTED`; "unknown" when it is no known one. */
export function refusalName(refusal: RollupError): string {
  const { errorName } = refusal.details;
  return typeof errorName === "string" ? errorName : "unknown";
}

/**
 * Why `verb` cannot be done with the batches; `more` is what this node knows beyond the check, and
 * `otherMend` what helps here where the usual does not.
 */
export function callRefused(
  verb: "sequence" | "verify",
  range: BatchRange,
  refusal: RollupError,
  more?: string,
  otherMend?: string,
): RollupError<L1RefusedErrorCode> {
  const errorName = refusalName(refusal);
  const { check, mend } = refusalMeaning(errorName);
  const reason = String(refusal.details["reason"] ?? errorName);
  const { firstBatch, lastBatch } = range;
  return new RollupError(
    "L1_CALL_REFUSED",
    `Cannot ${verb} ${describeRange(range)} as the contract must accept it: ` +
      `it reverts with ${reason}, ${check}${more === undefined ? "" : ` (${more})`}`,
    {
      details: { errorName, reason, firstBatch, lastBatch },
      mend: otherMend ?? mend,
      cause: refusal,
    },
  );
}
