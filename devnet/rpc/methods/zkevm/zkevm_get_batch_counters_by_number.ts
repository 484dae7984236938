/**
 * What a sealed batch used of each limit; `null` for an unknown one.
 * @module
 */
import { readChainFacts } from "../../batch_facts.ts";
import { batchReference, findBatch } from "../../batches.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { COUNTERS_JSON, describeCounters, usedByFacts } from "../../zkevm_counters.ts";

/** `zkevm_getBatchCountersByNumber`. */
export const zkevmGetBatchCountersByNumber = rollupMethod({
  name: "zkevm_getBatchCountersByNumber",
  summary: "What a sealed batch used of each limit; `null` for an unknown one",
  params: [param("batch", batchReference)],
  result: nullableJson(COUNTERS_JSON),
  handler: async (context, [reference]) => {
    const batch = await findBatch(context, reference);
    if (batch === undefined) return null;
    const { limits } = await readChainFacts(context.engine);
    return describeCounters(usedByFacts(batch.counters), limits);
  },
});
