/**
 * How many uncles a block has: none since the merge, `null` for no block.
 * @module
 */
import { findNumber } from "../../block_reference.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getUncleCountByBlockNumber`: how many uncles a block has: none since the merge, `null` for no block. */
export const ethGetUncleCountByBlockNumber = chainMethod({
  name: "eth_getUncleCountByBlockNumber",
  params: [param("block", blockNumberOrTag)],
  handler: async ({ chain }, [block]) => {
    const number = await findNumber(chain, block);
    return number === undefined ? null : "0x0";
  },
});
