/**
 * Accounts that the node signs for.
 * @module
 */
import { ADDRESS_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_accounts`. */
export const ethAccounts = chainMethod({
  name: "eth_accounts",
  aliases: ["eth_requestAccounts"],
  summary: "Accounts that the node signs for, and those that it impersonates",
  params: [],
  result: listJson(ADDRESS_JSON),
  handler: ({ chain }) => [
    ...new Set([...chain.devAccounts().keys(), ...chain.controls.impersonated()]),
  ],
});
