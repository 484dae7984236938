/**
 * Base fee of the next block.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_baseFee`. */
export const ethBaseFee = chainMethod({
  name: "eth_baseFee",
  summary: "Base fee of the next block",
  params: [],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }) => formatQuantity(await chain.nextBaseFeePerGasWei()),
});
