/**
 * A tip that gets a transaction into the next block.
 * @module
 */
import { SUGGESTED_PRIORITY_FEE_WEI } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_maxPriorityFeePerGas`. */
export const ethMaxPriorityFeePerGas = chainMethod({
  name: "eth_maxPriorityFeePerGas",
  summary: "A tip that gets a transaction into the next block",
  params: [],
  result: QUANTITY_JSON,
  handler: () => formatQuantity(SUGGESTED_PRIORITY_FEE_WEI),
});
