/**
 * The contract that asserts timestamps: there is none.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getTimestampAsserter`. */
export const zksGetTimestampAsserter = rollupMethod({
  name: "zks_getTimestampAsserter",
  summary: "The contract that asserts timestamps: there is none",
  params: [],
  result: NULL_JSON,
  handler: () => null,
});
