/**
 * Installs a filter of transaction hashes to be polled.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `eth_newPendingTransactionFilter`: installs a filter of transaction hashes to be polled. */
export const ethNewPendingTransactionFilter = chainMethod({
  name: "eth_newPendingTransactionFilter",
  params: [],
  handler: async ({ filters }) => await filters.installPendingTransactions(),
});
