/**
 * Name and version of this node.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `web3_clientVersion`: name and version of this node. */
export const web3ClientVersion = chainMethod({
  name: "web3_clientVersion",
  params: [],
  handler: ({ clientVersion }) => clientVersion,
});
