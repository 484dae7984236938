/**
 * Fills in and signs a transaction of one of the node's accounts, and keeps it.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { encodeTransaction, signTransaction } from "../../../../core/types/tx.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { findDevAccount } from "../../dev_accounts.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { fillTransaction, transactionRequest } from "../../transaction_request.ts";

/** `eth_signTransaction`. */
export const ethSignTransaction = chainMethod({
  name: "eth_signTransaction",
  isDev: true,
  isRead: true,
  summary: "Fills in and signs a transaction of one of the node's accounts, and keeps it",
  params: [param("transaction", transactionRequest)],
  result: BYTES_JSON,
  handler: async ({ chain }, [request]) => {
    const { from, privateKey } = findDevAccount(chain, request.from);
    const transaction = await fillTransaction(chain, from, request);
    return bytesToHex(encodeTransaction(signTransaction(transaction, privateKey)));
  },
});
