/**
 * An uncle of a block: there are none since the merge.
 * @module
 */
import { HEADER_JSON } from "../../chain_json.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param, quantity } from "../../schema.ts";

/** `eth_getUncleByBlockHashAndIndex`. */
export const ethGetUncleByBlockHashAndIndex = chainMethod({
  name: "eth_getUncleByBlockHashAndIndex",
  summary: "An uncle of a block: there are none since the merge",
  params: [param("blockHash", hash), param("index", quantity(64))],
  result: nullableJson(HEADER_JSON),
  handler: () => null,
});
