/**
 * The gas price that a transaction would pay: that of any other.
 * @module
 */
import { suggestGasPriceWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { transactionRequest } from "../../transaction_request.ts";

/** `zkevm_estimateGasPrice`. */
export const zkevmEstimateGasPrice = rollupMethod({
  name: "zkevm_estimateGasPrice",
  summary: "The gas price that a transaction would pay: that of any other",
  params: [param("transaction", transactionRequest)],
  result: QUANTITY_JSON,
  handler: async ({ chain }, _params) => formatQuantity(await suggestGasPriceWei(chain)),
});
