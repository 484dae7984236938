/**
 * How many peers there are: none, a devnet is alone.
 * @module
 */
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `net_peerCount`. */
export const netPeerCount = chainMethod({
  name: "net_peerCount",
  summary: "How many peers there are: none, a devnet is alone",
  params: [],
  result: QUANTITY_JSON,
  handler: () => "0x0",
});
