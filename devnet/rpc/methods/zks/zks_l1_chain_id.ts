/**
 * Chain id of the L1.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_L1ChainId`. */
export const zksL1ChainId = rollupMethod({
  name: "zks_L1ChainId",
  summary: "Chain id of the L1",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await readChainFacts(engine)).l1ChainId),
});
