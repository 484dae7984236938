/**
 * Accounts that the node signs for.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `eth_accounts`: accounts that the node signs for. */
export const ethAccounts = chainMethod({
  name: "eth_accounts",
  params: [],
  handler: ({ chain }) => [...chain.devAccounts().keys()],
});
