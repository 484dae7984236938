/**
 * Number of the last block whose batch L1 has verified.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_consolidatedBlockNumber`: number of the last block whose batch L1 has verified. */
export const zkevmConsolidatedBlockNumber = rollupMethod({
  name: "zkevm_consolidatedBlockNumber",
  params: [],
  handler: async ({ chain }) => formatQuantity(await chain.numberOf("finalized")),
});
