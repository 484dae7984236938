/**
 * What a prover of a sealed batch gets: witness and public inputs; `null` for an unknown one.
 * @module
 */
import { batchReference } from "../../batches.ts";
import { rollupMethod } from "../../method.ts";
import { PROOF_JOB_JSON } from "../../rollup_json.ts";
import { param } from "../../schema.ts";
import { readProverInput } from "../../zkevm_blocks.ts";

/** `zkevm_getProverInput`. */
export const zkevmGetProverInput = rollupMethod({
  name: "zkevm_getProverInput",
  summary:
    "What a prover of a sealed batch gets: witness and public inputs; `null` for an unknown one",
  params: [param("batch", batchReference)],
  result: PROOF_JOB_JSON,
  handler: async (context, [reference]) => await readProverInput(context, reference),
});
