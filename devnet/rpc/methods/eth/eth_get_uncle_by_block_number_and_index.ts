/**
 * An uncle of a block: there are none since the merge.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param, quantity } from "../../schema.ts";

/** `eth_getUncleByBlockNumberAndIndex`: an uncle of a block: there are none since the merge. */
export const ethGetUncleByBlockNumberAndIndex = chainMethod({
  name: "eth_getUncleByBlockNumberAndIndex",
  params: [param("block", blockNumberOrTag), param("index", quantity(64))],
  handler: () => null,
});
