/**
 * Whether the node is behind: never, it makes the chain itself.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_syncing`. */
export const ethSyncing = chainMethod({
  name: "eth_syncing",
  summary: "Whether the node is behind: never, it makes the chain itself",
  params: [],
  result: { oneOf: [BOOLEAN_JSON, { type: "object" }] },
  handler: () => false,
});
