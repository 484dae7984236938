/**
 * Whether the node is behind: never, it makes the chain itself.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `eth_syncing`: whether the node is behind: never, it makes the chain itself. */
export const ethSyncing = chainMethod({
  name: "eth_syncing",
  params: [],
  handler: () => false,
});
