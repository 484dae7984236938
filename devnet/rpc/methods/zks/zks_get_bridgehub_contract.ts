/**
 * The hub of bridges on L1: there is none.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_getBridgehubContract`. */
export const zksGetBridgehubContract = rollupMethod({
  name: "zks_getBridgehubContract",
  summary: "The hub of bridges on L1: there is none",
  params: [],
  result: NULL_JSON,
  handler: () => null,
});
