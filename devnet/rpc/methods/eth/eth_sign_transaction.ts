/**
 * Fills in and signs a transaction of one of the node's accounts, and keeps it.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { encodeTransaction, signTransaction } from "../../../../core/types/tx.ts";
import { findDevAccount } from "../../dev_accounts.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { fillTransaction, transactionRequest } from "../../transaction_request.ts";

/** `eth_signTransaction`: fills in and signs a transaction of one of the node's accounts, and keeps it. */
export const ethSignTransaction = chainMethod({
  name: "eth_signTransaction",
  params: [param("transaction", transactionRequest)],
  handler: async ({ chain }, [request]) => {
    const { from, privateKey } = findDevAccount(chain, request.from);
    const transaction = await fillTransaction(chain, from, request);
    return bytesToHex(encodeTransaction(signTransaction(transaction, privateKey)));
  },
});
