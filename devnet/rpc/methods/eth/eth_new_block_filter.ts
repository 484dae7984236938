/**
 * Installs a filter of block hashes to be polled.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_newBlockFilter`. */
export const ethNewBlockFilter = chainMethod({
  name: "eth_newBlockFilter",
  isRead: false,
  summary: "Installs a filter of block hashes to be polled",
  params: [],
  result: TEXT_JSON,
  handler: async ({ filters }) => await filters.installBlocks(),
});
