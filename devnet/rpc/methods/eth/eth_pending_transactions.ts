/**
 * Transactions that wait in the pool, per sender in order of nonce.
 * @module
 */
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_pendingTransactions`. */
export const ethPendingTransactions = chainMethod({
  name: "eth_pendingTransactions",
  summary: "Transactions that wait in the pool, per sender in order of nonce",
  params: [],
  result: listJson(TRANSACTION_JSON),
  handler: async ({ chain }) =>
    (await chain.pendingTransactions()).map((transaction) => formatTransaction(transaction)),
});
