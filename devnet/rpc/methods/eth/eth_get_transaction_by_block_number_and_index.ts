/**
 * A transaction by its block's number and its place there.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { isPending, pendingTransactions } from "../../pending_block.ts";
import { blockNumberOrTag, param, quantity } from "../../schema.ts";

/** `eth_getTransactionByBlockNumberAndIndex`. */
export const ethGetTransactionByBlockNumberAndIndex = chainMethod({
  name: "eth_getTransactionByBlockNumberAndIndex",
  summary: "A transaction by its block's number and its place there",
  params: [param("block", blockNumberOrTag), param("index", quantity(64))],
  result: nullableJson(TRANSACTION_JSON),
  handler: async ({ chain }, [block, index]) => {
    const transactions = isPending(chain, block)
      ? await pendingTransactions(chain)
      : (await findBlock(chain, block))?.transactions;
    const transaction = transactions?.[Number(index)];
    return transaction === undefined ? null : formatTransaction(transaction);
  },
});
