/**
 * The accounts and slots that a transaction touches, as the list of EIP-2930.
 * @module
 */
import { createAccessList } from "../../access_list.ts";
import { ACCESS_LIST_JSON } from "../../chain_json.ts";
import { formatQuantity } from "../../format.ts";
import { objectJson, QUANTITY_JSON, TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockOverrides, resolveCallPlace, stateOverrides } from "../../overrides.ts";
import { blockReference, LATEST, optional, param, withDefault } from "../../schema.ts";
import { assertOfChain, toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `eth_createAccessList`. */
export const ethCreateAccessList = chainMethod({
  name: "eth_createAccessList",
  summary: "The accounts and slots that a transaction touches, as the list of EIP-2930",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
    param("stateOverrides", optional(stateOverrides)),
    param("blockOverrides", optional(blockOverrides)),
  ],
  result: objectJson({ accessList: ACCESS_LIST_JSON, gasUsed: QUANTITY_JSON }, {
    error: TEXT_JSON,
  }),
  handler: async ({ chain }, [request, reference, state, block]) => {
    assertOfChain(chain, request);
    const place = await resolveCallPlace(chain, reference, { state, block });
    const call = { ...toCallRequest(request), asTransaction: true };
    const { accessList, gasUsed, error } = await createAccessList(chain, call, place);
    return {
      accessList,
      ...(error === undefined ? {} : { error }),
      gasUsed: formatQuantity(gasUsed),
    };
  },
});
