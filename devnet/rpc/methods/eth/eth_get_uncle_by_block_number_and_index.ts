/**
 * An uncle of a block: there are none since the merge.
 * @module
 */
import { HEADER_JSON } from "../../chain_json.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param, quantity } from "../../schema.ts";

/** `eth_getUncleByBlockNumberAndIndex`. */
export const ethGetUncleByBlockNumberAndIndex = chainMethod({
  name: "eth_getUncleByBlockNumberAndIndex",
  summary: "An uncle of a block: there are none since the merge",
  params: [param("block", blockNumberOrTag), param("index", quantity(64))],
  result: nullableJson(HEADER_JSON),
  handler: () => null,
});
