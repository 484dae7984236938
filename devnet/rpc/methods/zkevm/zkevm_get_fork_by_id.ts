/**
 * The rules of a number; `null` for unknown ones.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";
import { describeFork, FORK_ID, FORK_JSON } from "../../zkevm_forks.ts";

/** `zkevm_getForkById`. */
export const zkevmGetForkById = rollupMethod({
  name: "zkevm_getForkById",
  summary: "The rules of a number; `null` for unknown ones",
  params: [param("forkId", quantityOrNumber())],
  result: nullableJson(FORK_JSON),
  handler: async ({ engine }, [forkId]) =>
    forkId === FORK_ID ? describeFork(await readChainFacts(engine)) : null,
});
