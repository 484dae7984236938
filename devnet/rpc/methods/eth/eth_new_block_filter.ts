/**
 * Installs a filter of block hashes to be polled.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `eth_newBlockFilter`: installs a filter of block hashes to be polled. */
export const ethNewBlockFilter = chainMethod({
  name: "eth_newBlockFilter",
  params: [],
  handler: async ({ filters }) => await filters.installBlocks(),
});
