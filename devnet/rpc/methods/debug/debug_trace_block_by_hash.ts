/**
 * Runs all transactions of the block with a hash again and shows what they did.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";
import { BLOCK_TRACES_JSON, traceBlock } from "../../tracers/trace_block.ts";
import { traceConfig } from "../../tracers/trace_config.ts";
import { blockTarget } from "../../tracers/trace_target.ts";

/** `debug_traceBlockByHash`, with geth's tracers. */
export const debugTraceBlockByHash = chainMethod({
  name: "debug_traceBlockByHash",
  summary: "Runs all transactions of the block with a hash again and shows what they did",
  params: [param("blockHash", hash), param("config", traceConfig)],
  result: BLOCK_TRACES_JSON,
  handler: async ({ chain }, [blockHash, config]) =>
    await traceBlock(chain, await blockTarget(chain, { kind: "hash", hash: blockHash }), config),
});
