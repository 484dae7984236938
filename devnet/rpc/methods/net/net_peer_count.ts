/**
 * How many peers there are: none, a devnet is alone.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `net_peerCount`: how many peers there are: none, a devnet is alone. */
export const netPeerCount = chainMethod({
  name: "net_peerCount",
  params: [],
  handler: () => "0x0",
});
