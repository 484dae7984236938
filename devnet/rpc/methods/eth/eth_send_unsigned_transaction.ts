/**
 * Sends a transaction of any account, which has not signed it.
 * @module
 */
import { HASH_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { senderOf } from "../../dev_accounts.ts";
import { sendInNonceTurn } from "../../nonce_turns.ts";
import { fillTransaction, transactionRequest } from "../../transaction_request.ts";

/** `eth_sendUnsignedTransaction`: sends a transaction of any account, which has not signed it. */
export const ethSendUnsignedTransaction = controlMethod({
  name: "eth_sendUnsignedTransaction",
  summary: "Sends a transaction of any account, which has not signed it",
  params: [param("transaction", transactionRequest)],
  result: HASH_JSON,
  handler: async ({ chain, controls }, [request]) => {
    const from = senderOf(request.from);
    return await sendInNonceTurn(
      chain,
      from,
      async () => await controls.sendUnsigned(await fillTransaction(chain, from, request), from),
    );
  },
});
