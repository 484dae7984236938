/**
 * Signs a message (EIP-191) with one of the node's accounts.
 * @module
 */
import { findDevAccount, signMessage } from "../../dev_accounts.ts";
import { chainMethod } from "../../method.ts";
import { address, data, param } from "../../schema.ts";

/** `eth_sign`: signs a message (EIP-191) with one of the node's accounts. */
export const ethSign = chainMethod({
  name: "eth_sign",
  params: [param("address", address), param("message", data)],
  handler: ({ chain }, [account, message]) =>
    signMessage(findDevAccount(chain, account).privateKey, message),
});
