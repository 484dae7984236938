/**
 * A gas limit with which a transaction succeeds.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { estimateGas } from "../../gas_estimate.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockOverrides, resolveCallPlace, stateOverrides } from "../../overrides.ts";
import { blockReference, optional, param, PENDING, withDefault } from "../../schema.ts";
import { assertOfChain, toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `eth_estimateGas`. */
export const ethEstimateGas = chainMethod({
  name: "eth_estimateGas",
  summary: "A gas limit with which a transaction succeeds",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, PENDING)),
    param("stateOverrides", optional(stateOverrides)),
    param("blockOverrides", optional(blockOverrides)),
  ],
  result: QUANTITY_JSON,
  handler: async ({ chain }, [request, reference, state, block]) => {
    assertOfChain(chain, request);
    const place = await resolveCallPlace(chain, reference, { state, block });
    const call = toCallRequest(request);
    return formatQuantity(await estimateGas(chain, call, { ...place, cap: request.gas }));
  },
});
