/**
 * Number of the latest block.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_blockNumber`. */
export const ethBlockNumber = chainMethod({
  name: "eth_blockNumber",
  summary: "Number of the latest block",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ chain }) => formatQuantity(await chain.numberOf("latest")),
});
