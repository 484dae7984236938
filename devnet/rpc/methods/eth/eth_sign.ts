/**
 * Signs a message (EIP-191) with one of the node's accounts.
 * @module
 */
import { findDevAccount, signMessage } from "../../dev_accounts.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, data, param } from "../../schema.ts";

/** `eth_sign`. */
export const ethSign = chainMethod({
  name: "eth_sign",
  isDev: true,
  summary: "Signs a message (EIP-191) with one of the node's accounts",
  params: [param("address", address), param("message", data)],
  result: BYTES_JSON,
  handler: ({ chain }, [account, message]) =>
    signMessage(findDevAccount(chain, account).privateKey, message),
});
