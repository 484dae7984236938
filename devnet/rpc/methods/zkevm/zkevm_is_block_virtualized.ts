/**
 * Whether the data of a block is on L1.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_isBlockVirtualized`. */
export const zkevmIsBlockVirtualized = rollupMethod({
  name: "zkevm_isBlockVirtualized",
  summary: "Whether the data of a block is on L1",
  params: [param("block", quantityOrNumber())],
  result: BOOLEAN_JSON,
  handler: async ({ chain }, [block]) => block <= await chain.numberOf("safe"),
});
