/**
 * Installs a filter of transaction hashes to be polled.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { boolean, param, withDefault } from "../../schema.ts";

/** `eth_newPendingTransactionFilter`. */
export const ethNewPendingTransactionFilter = chainMethod({
  name: "eth_newPendingTransactionFilter",
  isRead: false,
  summary: "Installs a filter of transaction hashes to be polled",
  params: [param("fullTransactions", withDefault(boolean, false))],
  result: TEXT_JSON,
  handler: async ({ filters }, [isFull]) => await filters.installPendingTransactions(isFull),
});
