/**
 * A gas limit with which a transaction succeeds.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { estimateGas } from "../../gas_estimate.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, LATEST, param, withDefault } from "../../schema.ts";
import { noOverrides, toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `eth_estimateGas`: a gas limit with which a transaction succeeds. */
export const ethEstimateGas = chainMethod({
  name: "eth_estimateGas",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
    param("stateOverrides", noOverrides),
  ],
  handler: async ({ chain }, [request, block]) => {
    const number = await resolveNumber(chain, block);
    const call = toCallRequest(request);
    return formatQuantity(await estimateGas(chain, call, { number, cap: request.gas }));
  },
});
