/**
 * A transaction by its block's hash and its place there.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param, quantity } from "../../schema.ts";

/** `eth_getTransactionByBlockHashAndIndex`. */
export const ethGetTransactionByBlockHashAndIndex = chainMethod({
  name: "eth_getTransactionByBlockHashAndIndex",
  summary: "A transaction by its block's hash and its place there",
  params: [param("blockHash", hash), param("index", quantity(64))],
  result: nullableJson(TRANSACTION_JSON),
  handler: async ({ chain }, [blockHash, index]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    const transaction = found?.transactions[Number(index)];
    return transaction === undefined ? null : formatTransaction(transaction);
  },
});
