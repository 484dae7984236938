/**
 * Number of the latest block.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";

/** `eth_blockNumber`: number of the latest block. */
export const ethBlockNumber = chainMethod({
  name: "eth_blockNumber",
  params: [],
  handler: async ({ chain }) => formatQuantity(await chain.numberOf("latest")),
});
