/**
 * Name and version of this node.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `web3_clientVersion`. */
export const web3ClientVersion = chainMethod({
  name: "web3_clientVersion",
  summary: "Name and version of this node",
  params: [],
  result: TEXT_JSON,
  handler: ({ clientVersion }) => clientVersion,
});
