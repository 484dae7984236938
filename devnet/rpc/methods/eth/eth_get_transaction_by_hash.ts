/**
 * A transaction, included or waiting.
 * @module
 */
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getTransactionByHash`. */
export const ethGetTransactionByHash = chainMethod({
  name: "eth_getTransactionByHash",
  summary: "A transaction, included or waiting",
  params: [param("transactionHash", hash)],
  result: nullableJson(TRANSACTION_JSON),
  handler: async ({ chain }, [transactionHash]) => {
    const found = await chain.transaction(transactionHash);
    return found === undefined ? null : formatTransaction(found);
  },
});
