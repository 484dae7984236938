/**
 * A transaction by its block's number and its place there.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param, quantity } from "../../schema.ts";

/** `eth_getTransactionByBlockNumberAndIndex`: a transaction by its block's number and its place there. */
export const ethGetTransactionByBlockNumberAndIndex = chainMethod({
  name: "eth_getTransactionByBlockNumberAndIndex",
  params: [param("block", blockNumberOrTag), param("index", quantity(64))],
  handler: async ({ chain }, [block, index]) => {
    const found = await findBlock(chain, block);
    const transaction = found?.transactions[Number(index)];
    return transaction === undefined ? null : formatTransaction(transaction);
  },
});
