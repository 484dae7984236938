/**
 * Every version of the rules that the chain has had.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { listJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { describeFork, FORK_JSON } from "../../zkevm_forks.ts";

/** `zkevm_getForks`. */
export const zkevmGetForks = rollupMethod({
  name: "zkevm_getForks",
  summary: "Every version of the rules that the chain has had",
  params: [],
  result: listJson(FORK_JSON),
  handler: async ({ engine }) => [describeFork(await readChainFacts(engine))],
});
