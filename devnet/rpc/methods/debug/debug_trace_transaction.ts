/**
 * Runs a transaction of a block again and shows what it did.
 * @module
 */
import { ANY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";
import { runTraces } from "../../tracers/run_trace.ts";
import { traceConfig } from "../../tracers/trace_config.ts";
import { transactionTarget } from "../../tracers/trace_target.ts";

/** `debug_traceTransaction`, with geth's tracers. */
export const debugTraceTransaction = chainMethod({
  name: "debug_traceTransaction",
  summary: "Runs a transaction of a block again and shows what it did",
  params: [param("hash", hash), param("config", traceConfig)],
  result: ANY_JSON,
  handler: async ({ chain }, [hash, config]) => {
    const [trace] = await runTraces(chain, await transactionTarget(chain, hash), config);
    return trace?.result;
  },
});
