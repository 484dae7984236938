/**
 * As `eth_sign`, with the parameters the other way round.
 * @module
 */
import { findDevAccount, signMessage } from "../../dev_accounts.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, data, optional, param, text } from "../../schema.ts";

/** `personal_sign`. */
export const personalSign = chainMethod({
  name: "personal_sign",
  isDev: true,
  summary: "As `eth_sign`, with the parameters the other way round",
  params: [
    param("message", data),
    param("address", address),
    param("password", optional(text(200))),
  ],
  result: BYTES_JSON,
  handler: ({ chain }, [message, account]) =>
    signMessage(findDevAccount(chain, account).privateKey, message),
});
