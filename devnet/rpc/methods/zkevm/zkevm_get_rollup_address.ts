/**
 * Address of the rollup contract on L1.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { ADDRESS_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_getRollupAddress`. */
export const zkevmGetRollupAddress = rollupMethod({
  name: "zkevm_getRollupAddress",
  summary: "Address of the rollup contract on L1",
  params: [],
  result: ADDRESS_JSON,
  handler: async ({ engine }) => (await readChainFacts(engine)).rollup,
});
