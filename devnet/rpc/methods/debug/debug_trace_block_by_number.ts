/**
 * Runs all transactions of a block again and shows what they did.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param } from "../../schema.ts";
import { BLOCK_TRACES_JSON, traceBlock } from "../../tracers/trace_block.ts";
import { traceConfig } from "../../tracers/trace_config.ts";
import { blockTarget } from "../../tracers/trace_target.ts";

/** `debug_traceBlockByNumber`, with geth's tracers. */
export const debugTraceBlockByNumber = chainMethod({
  name: "debug_traceBlockByNumber",
  summary: "Runs all transactions of a block again and shows what they did",
  params: [param("block", blockNumberOrTag), param("config", traceConfig)],
  result: BLOCK_TRACES_JSON,
  handler: async ({ chain }, [block, config]) =>
    await traceBlock(chain, await blockTarget(chain, block), config),
});
