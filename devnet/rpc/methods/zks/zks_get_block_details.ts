/**
 * A block with the way of its batch to L1; `null` for an unknown one.
 * @module
 */
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, wholeNumber } from "../../schema.ts";
import { BLOCK_DETAILS_JSON, describeBlockDetails } from "../../zks_details.ts";

/** `zks_getBlockDetails`. */
export const zksGetBlockDetails = rollupMethod({
  name: "zks_getBlockDetails",
  summary: "A block with the way of its batch to L1; `null` for an unknown one",
  params: [param("block", wholeNumber)],
  result: nullableJson(BLOCK_DETAILS_JSON),
  handler: async (context, [number]) => await describeBlockDetails(context, BigInt(number)),
});
