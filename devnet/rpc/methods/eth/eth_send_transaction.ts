/**
 * Fills in, signs and sends a transaction of one of the node's accounts.
 * @module
 */
import { encodeTransaction, signTransaction } from "../../../../core/types/tx.ts";
import { findDevAccount } from "../../dev_accounts.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { fillTransaction, transactionRequest } from "../../transaction_request.ts";

/** `eth_sendTransaction`: fills in, signs and sends a transaction of one of the node's accounts. */
export const ethSendTransaction = chainMethod({
  name: "eth_sendTransaction",
  params: [param("transaction", transactionRequest)],
  handler: async ({ chain }, [request]) => {
    const { from, privateKey } = findDevAccount(chain, request.from);
    const transaction = await fillTransaction(chain, from, request);
    const signed = signTransaction(transaction, privateKey);
    return await chain.sendRawTransaction(encodeTransaction(signed));
  },
});
