/**
 * Gas for each byte of pubdata.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_gasPerPubdata`. */
export const zksGasPerPubdata = rollupMethod({
  name: "zks_gasPerPubdata",
  summary: "Gas for each byte of pubdata",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await readChainFacts(engine)).gasPerPubdata),
});
