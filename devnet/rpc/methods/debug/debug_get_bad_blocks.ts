/**
 * Blocks of others that turned out to be invalid: this chain has no peers, so there are none.
 * @module
 */
import { ANY_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";

/** `debug_getBadBlocks`. */
export const debugGetBadBlocks = chainMethod({
  name: "debug_getBadBlocks",
  summary: "Invalid blocks of peers; this chain has no peers, so the list is empty",
  params: [],
  result: listJson(ANY_JSON),
  handler: () => [],
});
