/**
 * Takes a signed transaction; the answer is its hash.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";

/** `eth_sendRawTransaction`: takes a signed transaction; the answer is its hash. */
export const ethSendRawTransaction = chainMethod({
  name: "eth_sendRawTransaction",
  params: [param("transaction", data)],
  handler: async ({ chain }, [raw]) => await chain.sendRawTransaction(raw),
});
