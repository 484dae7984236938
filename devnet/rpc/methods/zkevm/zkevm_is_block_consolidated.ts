/**
 * Whether a proof of a block's batch was accepted by L1.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_isBlockConsolidated`: whether a proof of a block's batch was accepted by L1. */
export const zkevmIsBlockConsolidated = rollupMethod({
  name: "zkevm_isBlockConsolidated",
  params: [param("block", quantityOrNumber())],
  handler: async ({ chain }, [block]) => block <= await chain.numberOf("finalized"),
});
