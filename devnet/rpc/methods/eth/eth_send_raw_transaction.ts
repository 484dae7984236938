/**
 * Takes a signed transaction; the answer is its hash.
 * @module
 */
import { HASH_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `eth_sendRawTransaction`. */
export const ethSendRawTransaction = chainMethod({
  name: "eth_sendRawTransaction",
  isRead: false,
  keepsOrder: true,
  summary: "Takes a signed transaction; the answer is its hash",
  params: [param("transaction", data)],
  result: HASH_JSON,
  handler: async ({ chain }, [raw]) => await chain.sendRawTransaction(raw),
});
