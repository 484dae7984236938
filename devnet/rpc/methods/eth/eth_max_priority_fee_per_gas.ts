/**
 * A tip that gets a transaction into the next block.
 * @module
 */
import { SUGGESTED_PRIORITY_FEE_WEI } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";

/** `eth_maxPriorityFeePerGas`: a tip that gets a transaction into the next block. */
export const ethMaxPriorityFeePerGas = chainMethod({
  name: "eth_maxPriorityFeePerGas",
  params: [],
  handler: () => formatQuantity(SUGGESTED_PRIORITY_FEE_WEI),
});
