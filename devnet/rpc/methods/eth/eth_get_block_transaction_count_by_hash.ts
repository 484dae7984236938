/**
 * How many transactions a block has.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getBlockTransactionCountByHash`. */
export const ethGetBlockTransactionCountByHash = chainMethod({
  name: "eth_getBlockTransactionCountByHash",
  summary: "How many transactions a block has",
  params: [param("blockHash", hash)],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }, [blockHash]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatQuantity(found.transactions.length);
  },
});
