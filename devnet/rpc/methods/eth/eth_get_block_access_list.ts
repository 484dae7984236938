/**
 * What a block read and wrote (EIP-7928), which no block of before Amsterdam has.
 * @module
 */
import { findHeader, noAccessList } from "../../block_reference.ts";
import { ANY_JSON, listJson, nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `eth_getBlockAccessList`. */
export const ethGetBlockAccessList = chainMethod({
  name: "eth_getBlockAccessList",
  aliases: ["eth_getBlockAccessListByBlockHash", "eth_getBlockAccessListByBlockNumber"],
  summary: "A block's access list, which begins with Amsterdam: refused for every block",
  params: [param("block", blockReference)],
  result: nullableJson(listJson(ANY_JSON)),
  handler: async ({ chain }, [block]) => {
    const header = await findHeader(chain, block);
    if (header === undefined) return null;
    throw noAccessList(header);
  },
});
