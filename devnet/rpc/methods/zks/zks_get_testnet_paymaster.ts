/**
 * Who pays fees for others: nobody.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getTestnetPaymaster`. */
export const zksGetTestnetPaymaster = rollupMethod({
  name: "zks_getTestnetPaymaster",
  summary: "Who pays fees for others: nobody",
  params: [],
  result: NULL_JSON,
  handler: () => null,
});
