/**
 * The chain id in decimal, as the network's id always was.
 * @module
 */
import { chainMethod } from "../../method.ts";

/** `net_version`, and `eth_networkId` as anvil names it. */
export const netVersion = chainMethod({
  name: "net_version",
  aliases: ["eth_networkId"],
  summary: "The chain id in decimal, as the network's id always was",
  params: [],
  result: { type: "string", pattern: "^[0-9]+$" },
  handler: ({ chain }) => chain.chainId.toString(),
});
