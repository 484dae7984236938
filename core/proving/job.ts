/**
 * Holding what a prover found against what the sequencer sealed.
 *
 * Owns that comparison. Does not own how either side came to its values.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import type { ProofErrorCode, ProofJob } from "./prover.ts";
import type { PublicInputs } from "./public_inputs.ts";

/**
 * Passes when both are equal in every field.
 *
 * @throws `PROOF_JOB_MISMATCH` naming the first field that differs.
 */
export function assertSameInputs(job: ProofJob, found: PublicInputs): void {
  const sealed = new Map<string, unknown>(Object.entries(job.publicInputs));
  for (const [field, value] of Object.entries(found)) {
    if (sealed.get(field) === value) continue;
    throw new RollupError<ProofErrorCode>(
      "PROOF_JOB_MISMATCH",
      `Cannot prove batch ${job.batchNumber} as its re-execution must match what was sealed: ` +
        `${field} is ${value} from the witness and ${sealed.get(field)} as sealed`,
      {
        details: { batchNumber: job.batchNumber, field, found: value, sealed: sealed.get(field) },
        mend: "Keep the data folder for a report: the sequencer and the prover disagree.",
      },
    );
  }
}
