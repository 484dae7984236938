/**
 * Sends a transaction of one of the node's accounts and waits for its receipt.
 * @module
 */
import { sendForAccount } from "../../account_sender.ts";
import { awaitReceipt, syncTimeoutMs } from "../../awaited_receipt.ts";
import { RECEIPT_JSON } from "../../chain_json.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { transactionRequest } from "../../transaction_request.ts";

/** `eth_sendTransactionSync`: anvil's, which waits as `eth_sendRawTransactionSync` does. */
export const ethSendTransactionSync = chainMethod({
  name: "eth_sendTransactionSync",
  isDev: true,
  summary: "Sends a transaction of one of the node's accounts and waits for its receipt",
  params: [param("transaction", transactionRequest), param("timeoutMs", syncTimeoutMs)],
  result: RECEIPT_JSON,
  handler: async ({ chain, stopping }, [request, timeoutMs]) =>
    await awaitReceipt(chain, await sendForAccount(chain, request), { timeoutMs, stopping }),
});
