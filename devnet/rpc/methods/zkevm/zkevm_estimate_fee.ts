/**
 * Wei that a transaction would pay in all.
 * @module
 */
import { suggestGasPriceWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { estimateGas } from "../../gas_estimate.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `zkevm_estimateFee`. */
export const zkevmEstimateFee = rollupMethod({
  name: "zkevm_estimateFee",
  summary: "Wei that a transaction would pay in all",
  params: [param("transaction", transactionRequest)],
  result: QUANTITY_JSON,
  handler: async ({ chain }, [request]) => {
    const number = await chain.numberOf("latest");
    const gas = await estimateGas(chain, toCallRequest(request), { number, cap: request.gas });
    return formatQuantity(gas * await suggestGasPriceWei(chain));
  },
});
