/**
 * Which chain transactions must be signed for.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";

/** `eth_chainId`: which chain transactions must be signed for. */
export const ethChainId = chainMethod({
  name: "eth_chainId",
  params: [],
  handler: ({ chain }) => formatQuantity(chain.chainId),
});
