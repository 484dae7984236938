/**
 * Runs all transactions of a sealed batch again and shows what they did.
 * @module
 */
import { batchReference, findBatch } from "../../batches.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { BLOCK_TRACES_JSON, traceBlock } from "../../tracers/trace_block.ts";
import { traceConfig } from "../../tracers/trace_config.ts";

/** `debug_traceBatchByNumber`, as zkevm-node has it: the traces of its blocks, in one list. */
export const debugTraceBatchByNumber = rollupMethod({
  name: "debug_traceBatchByNumber",
  summary: "Runs all transactions of a sealed batch again and shows what they did",
  params: [param("batch", batchReference), param("config", traceConfig)],
  result: nullableJson(BLOCK_TRACES_JSON),
  handler: async ({ chain, engine }, [reference, config]) => {
    const batch = await findBatch({ engine }, reference);
    if (batch === undefined) return null;
    const traces: unknown[] = [];
    // Nothing ran in the genesis block.
    for (let number = Math.max(1, batch.firstBlock); number <= batch.lastBlock; number++) {
      traces.push(...await traceBlock(chain, { kind: "block", number: BigInt(number) }, config));
    }
    return traces;
  },
});
