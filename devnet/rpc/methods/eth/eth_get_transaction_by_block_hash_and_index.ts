/**
 * A transaction by its block's hash and its place there.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { hash, param, quantity } from "../../schema.ts";

/** `eth_getTransactionByBlockHashAndIndex`: a transaction by its block's hash and its place there. */
export const ethGetTransactionByBlockHashAndIndex = chainMethod({
  name: "eth_getTransactionByBlockHashAndIndex",
  params: [param("blockHash", hash), param("index", quantity(64))],
  handler: async ({ chain }, [blockHash, index]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    const transaction = found?.transactions[Number(index)];
    return transaction === undefined ? null : formatTransaction(transaction);
  },
});
