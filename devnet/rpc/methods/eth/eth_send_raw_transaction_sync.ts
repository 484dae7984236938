/**
 * Takes a signed transaction and waits for its receipt (EIP-7966).
 * @module
 */
import { awaitReceipt, syncTimeoutMs } from "../../awaited_receipt.ts";
import { RECEIPT_JSON } from "../../chain_json.ts";
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `eth_sendRawTransactionSync`. */
export const ethSendRawTransactionSync = chainMethod({
  name: "eth_sendRawTransactionSync",
  isRead: false,
  summary: "Takes a signed transaction and waits for its receipt (EIP-7966)",
  params: [param("transaction", data), param("timeoutMs", syncTimeoutMs)],
  result: RECEIPT_JSON,
  handler: async ({ chain, stopping }, [raw, timeoutMs]) =>
    await awaitReceipt(chain, await chain.sendRawTransaction(raw), { timeoutMs, stopping }),
});
