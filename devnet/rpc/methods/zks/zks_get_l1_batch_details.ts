/**
 * A sealed batch with its way to L1; `null` for an unknown one.
 * @module
 */
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, wholeNumber } from "../../schema.ts";
import { BATCH_DETAILS_JSON, describeBatchDetails } from "../../zks_details.ts";

/** `zks_getL1BatchDetails`. */
export const zksGetL1BatchDetails = rollupMethod({
  name: "zks_getL1BatchDetails",
  summary: "A sealed batch with its way to L1; `null` for an unknown one",
  params: [param("batch", wholeNumber)],
  result: nullableJson(BATCH_DETAILS_JSON),
  handler: async (context, [number]) => await describeBatchDetails(context, number),
});
