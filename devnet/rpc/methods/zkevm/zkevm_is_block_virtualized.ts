/**
 * Whether the data of a block is on L1.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_isBlockVirtualized`: whether the data of a block is on L1. */
export const zkevmIsBlockVirtualized = rollupMethod({
  name: "zkevm_isBlockVirtualized",
  params: [param("block", quantityOrNumber())],
  handler: async ({ chain }, [block]) => block <= await chain.numberOf("safe"),
});
