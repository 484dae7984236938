/**
 * What a prover of a sealed batch gets, as bytes; `null` for an unknown one.
 * @module
 */
import { batchReference } from "../../batches.ts";
import { BYTES_JSON, nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { readProverInput } from "../../zkevm_blocks.ts";

/** `zkevm_getBatchWitness`. */
export const zkevmGetBatchWitness = rollupMethod({
  name: "zkevm_getBatchWitness",
  summary: "What a prover of a sealed batch gets, as bytes; `null` for an unknown one",
  params: [param("batch", batchReference)],
  result: nullableJson(BYTES_JSON),
  handler: async (context, [reference]) => {
    const found = await readProverInput(context, reference);
    return found === null ? null : found.witness;
  },
});
