/**
 * Which chain transactions must be signed for.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_chainId`. */
export const ethChainId = chainMethod({
  name: "eth_chainId",
  summary: "Which chain transactions must be signed for",
  params: [],
  result: QUANTITY_JSON,
  handler: ({ chain }) => formatQuantity(chain.chainId),
});
