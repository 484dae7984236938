/**
 * How many uncles a block has: none since the merge, `null` for no block.
 * @module
 */
import { findNumber } from "../../block_reference.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getUncleCountByBlockHash`. */
export const ethGetUncleCountByBlockHash = chainMethod({
  name: "eth_getUncleCountByBlockHash",
  summary: "How many uncles a block has: none since the merge, `null` for no block",
  params: [param("blockHash", hash)],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }, [blockHash]) => {
    const number = await findNumber(chain, { kind: "hash", hash: blockHash });
    return number === undefined ? null : "0x0";
  },
});
