/**
 * A transaction with the way of its batch to L1; `null` for an unknown one.
 * @module
 */
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";
import { describeTransactionDetails, TRANSACTION_DETAILS_JSON } from "../../zks_details.ts";

/** `zks_getTransactionDetails`. */
export const zksGetTransactionDetails = rollupMethod({
  name: "zks_getTransactionDetails",
  summary: "A transaction with the way of its batch to L1; `null` for an unknown one",
  params: [param("hash", hash)],
  result: nullableJson(TRANSACTION_DETAILS_JSON),
  handler: async (context, [hash]) => await describeTransactionDetails(context, hash),
});
