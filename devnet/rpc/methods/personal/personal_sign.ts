/**
 * As `eth_sign`, with the parameters the other way round.
 * @module
 */
import { findDevAccount, signMessage } from "../../dev_accounts.ts";
import { chainMethod } from "../../method.ts";
import { address, data, optional, param, text } from "../../schema.ts";

/** `personal_sign`: as `eth_sign`, with the parameters the other way round. */
export const personalSign = chainMethod({
  name: "personal_sign",
  params: [
    param("message", data),
    param("address", address),
    param("password", optional(text(200))),
  ],
  handler: ({ chain }, [message, account]) =>
    signMessage(findDevAccount(chain, account).privateKey, message),
});
