/**
 * The chain id in decimal, as the network's id always was.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `net_version`: the chain id in decimal, as the network's id always was. */
export const netVersion = chainMethod({
  name: "net_version",
  params: [],
  handler: ({ chain }) => chain.chainId.toString(),
});
