/**
 * How many hashes a second the node tries: none.
 * @module
 */
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `eth_hashrate`: nobody works for blocks here. */
export const ethHashrate = chainMethod({
  name: "eth_hashrate",
  summary: "How many hashes a second the node tries: none",
  params: [],
  result: QUANTITY_JSON,
  handler: () => "0x0",
});
