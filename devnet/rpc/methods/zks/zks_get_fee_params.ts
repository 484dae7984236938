/**
 * What prices are made from.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { describeFeeParams, FEE_PARAMS_JSON } from "../../zks_fees.ts";

/** `zks_getFeeParams`. */
export const zksGetFeeParams = rollupMethod({
  name: "zks_getFeeParams",
  summary: "What prices are made from",
  params: [],
  result: FEE_PARAMS_JSON,
  handler: async (context) => await describeFeeParams(context),
});
