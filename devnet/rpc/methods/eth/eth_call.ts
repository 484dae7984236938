/**
 * Runs a message and throws its changes away.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { explained, failedCallError } from "../../errors.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockOverrides, resolveCallPlace, stateOverrides } from "../../overrides.ts";
import { blockReference, LATEST, optional, param, withDefault } from "../../schema.ts";
import { assertOfChain, toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `eth_call`. */
export const ethCall = chainMethod({
  name: "eth_call",
  summary: "Runs a message and throws its changes away",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
    param("stateOverrides", optional(stateOverrides)),
    param("blockOverrides", optional(blockOverrides)),
  ],
  result: BYTES_JSON,
  handler: async ({ chain }, [request, reference, state, block]) => {
    assertOfChain(chain, request);
    const { number, overrides } = await resolveCallPlace(chain, reference, { state, block });
    // As geth: the gas is a transaction's, what it costs before it runs included.
    const call = { ...toCallRequest(request), asTransaction: true };
    const outcome = await chain.call(call, number, overrides);
    if (!outcome.success) throw failedCallError(await explained(outcome));
    return bytesToHex(outcome.returnData);
  },
});
