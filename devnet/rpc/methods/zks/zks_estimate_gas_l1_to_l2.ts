/**
 * Gas that a transaction needs which comes over the queue on L1.
 *
 * The queue takes signed transactions of the L2, so it is the gas that they need anyway.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { estimateGas } from "../../gas_estimate.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `zks_estimateGasL1ToL2`. */
export const zksEstimateGasL1ToL2 = rollupMethod({
  name: "zks_estimateGasL1ToL2",
  summary: "Gas that a transaction needs which comes over the queue on L1",
  params: [param("transaction", transactionRequest)],
  result: QUANTITY_JSON,
  handler: async ({ chain }, [request]) => {
    const number = await chain.numberOf("latest");
    const at = { number, cap: request.gas };
    return formatQuantity(await estimateGas(chain, toCallRequest(request), at));
  },
});
