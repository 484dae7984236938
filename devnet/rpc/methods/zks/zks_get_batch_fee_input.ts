/**
 * Prices that the next batch is made with.
 * @module
 */
import { rollupMethod } from "../../method.ts";
import { BATCH_FEE_INPUT_JSON, describeBatchFeeInput } from "../../zks_fees.ts";

/** `zks_getBatchFeeInput`. */
export const zksGetBatchFeeInput = rollupMethod({
  name: "zks_getBatchFeeInput",
  summary: "Prices that the next batch is made with",
  params: [],
  result: BATCH_FEE_INPUT_JSON,
  handler: async (context) => await describeBatchFeeInput(context),
});
