/**
 * Fills in, signs and sends a transaction of one of the node's accounts.
 * @module
 */
import { sendForAccount } from "../../account_sender.ts";
import { HASH_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { transactionRequest } from "../../transaction_request.ts";

/** `eth_sendTransaction`. */
export const ethSendTransaction = chainMethod({
  name: "eth_sendTransaction",
  isDev: true,
  summary: "Fills in, signs and sends a transaction of one of the node's accounts",
  params: [param("transaction", transactionRequest)],
  result: HASH_JSON,
  handler: async ({ chain }, [request]) => await sendForAccount(chain, request),
});
