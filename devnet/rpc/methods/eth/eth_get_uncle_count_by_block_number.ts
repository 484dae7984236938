/**
 * How many uncles a block has: none since the merge, `null` for no block.
 * @module
 */
import { findNumber } from "../../block_reference.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getUncleCountByBlockNumber`. */
export const ethGetUncleCountByBlockNumber = chainMethod({
  name: "eth_getUncleCountByBlockNumber",
  summary: "How many uncles a block has: none since the merge, `null` for no block",
  params: [param("block", blockNumberOrTag)],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }, [block]) => {
    const number = await findNumber(chain, block);
    return number === undefined ? null : "0x0";
  },
});
