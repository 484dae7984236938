/**
 * Runs a message and throws its changes away.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { resolveNumber } from "../../block_reference.ts";
import { failedCallError } from "../../errors.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, LATEST, param, withDefault } from "../../schema.ts";
import { noOverrides, toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `eth_call`: runs a message and throws its changes away. */
export const ethCall = chainMethod({
  name: "eth_call",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
    param("stateOverrides", noOverrides),
    param("blockOverrides", noOverrides),
  ],
  handler: async ({ chain }, [request, block]) => {
    const number = await resolveNumber(chain, block);
    const outcome = await chain.call(toCallRequest(request), number);
    if (!outcome.success) throw failedCallError(outcome);
    return bytesToHex(outcome.returnData);
  },
});
