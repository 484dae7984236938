/**
 * The traces of a whole block as geth lists them.
 * @module
 */
import type { ChainBackend, TraceTarget } from "../chain.ts";
import { ANY_JSON, HASH_JSON, type JsonSchema, listJson, objectJson } from "../json_schema.ts";
import { runTraces } from "./run_trace.ts";
import type { TraceConfig } from "./trace_config.ts";

/** A trace a transaction. */
export const BLOCK_TRACES_JSON: JsonSchema = listJson(
  objectJson({ txHash: HASH_JSON, result: ANY_JSON }),
);

/** Each transaction of the block with its trace. */
export async function traceBlock(chain: ChainBackend, target: TraceTarget, config: TraceConfig) {
  const traces = await runTraces(chain, target, config);
  return traces.map(({ transaction, result }) => ({ txHash: transaction?.hash, result }));
}
