/**
 * Gas and prices with which a transaction is included.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { SUGGESTED_PRIORITY_FEE_WEI, suggestGasPriceWei } from "../../fees.ts";
import { formatQuantity } from "../../format.ts";
import { estimateGas } from "../../gas_estimate.ts";
import { objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { toCallRequest, transactionRequest } from "../../transaction_request.ts";

/** `zks_estimateFee`. */
export const zksEstimateFee = rollupMethod({
  name: "zks_estimateFee",
  summary: "Gas and prices with which a transaction is included",
  params: [param("transaction", transactionRequest)],
  result: objectJson({
    gas_limit: QUANTITY_JSON,
    gas_per_pubdata_limit: QUANTITY_JSON,
    max_fee_per_gas: QUANTITY_JSON,
    max_priority_fee_per_gas: QUANTITY_JSON,
  }),
  handler: async ({ chain, engine }, [request]) => {
    const number = await chain.numberOf("latest");
    const gasLimit = await estimateGas(chain, toCallRequest(request), { number, cap: request.gas });
    return {
      gas_limit: formatQuantity(gasLimit),
      gas_per_pubdata_limit: formatQuantity((await readChainFacts(engine)).gasPerPubdata),
      max_fee_per_gas: formatQuantity(await suggestGasPriceWei(chain)),
      max_priority_fee_per_gas: formatQuantity(SUGGESTED_PRIORITY_FEE_WEI),
    };
  },
});
