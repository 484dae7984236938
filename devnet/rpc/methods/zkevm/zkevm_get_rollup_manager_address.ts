/**
 * Who manages the rollup on L1: the contract itself.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { ADDRESS_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_getRollupManagerAddress`. */
export const zkevmGetRollupManagerAddress = rollupMethod({
  name: "zkevm_getRollupManagerAddress",
  summary: "Who manages the rollup on L1: the contract itself",
  params: [],
  result: ADDRESS_JSON,
  handler: async ({ engine }) => (await readChainFacts(engine)).rollup,
});
