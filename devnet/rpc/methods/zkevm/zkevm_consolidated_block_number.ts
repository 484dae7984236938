/**
 * Number of the last block whose batch L1 has verified.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_consolidatedBlockNumber`. */
export const zkevmConsolidatedBlockNumber = rollupMethod({
  name: "zkevm_consolidatedBlockNumber",
  summary: "Number of the last block whose batch L1 has verified",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ chain }) => formatQuantity(await chain.numberOf("finalized")),
});
