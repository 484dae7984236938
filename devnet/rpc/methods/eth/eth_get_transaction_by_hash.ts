/**
 * A transaction, included or waiting.
 * @module
 */
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getTransactionByHash`: a transaction, included or waiting. */
export const ethGetTransactionByHash = chainMethod({
  name: "eth_getTransactionByHash",
  params: [param("transactionHash", hash)],
  handler: async ({ chain }, [transactionHash]) => {
    const found = await chain.transaction(transactionHash);
    return found === undefined ? null : formatTransaction(found);
  },
});
