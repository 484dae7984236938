/**
 * The lowest batch that wants a proof. `Engine.nextProofJob`.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { PROOF_JOB_JSON } from "../../rollup_json.ts";

/** `varve_nextProofJob`, `Engine.nextProofJob`. */
export const varveNextProofJob = rollupMethod({
  name: "varve_nextProofJob",
  isRead: false,
  summary: "The lowest batch that wants a proof",
  params: [],
  result: PROOF_JOB_JSON,
  handler: async ({ engine }) => await engine.nextProofJob(),
});
