/**
 * Whether a proof of a block's batch was accepted by L1.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_isBlockConsolidated`. */
export const zkevmIsBlockConsolidated = rollupMethod({
  name: "zkevm_isBlockConsolidated",
  summary: "Whether a proof of a block's batch was accepted by L1",
  params: [param("block", quantityOrNumber())],
  result: BOOLEAN_JSON,
  handler: async ({ chain }, [block]) => block <= await chain.numberOf("finalized"),
});
