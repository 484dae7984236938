/**
 * An uncle of a block: there are none since the merge.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { hash, param, quantity } from "../../schema.ts";

/** `eth_getUncleByBlockHashAndIndex`: an uncle of a block: there are none since the merge. */
export const ethGetUncleByBlockHashAndIndex = chainMethod({
  name: "eth_getUncleByBlockHashAndIndex",
  params: [param("blockHash", hash), param("index", quantity(64))],
  handler: () => null,
});
