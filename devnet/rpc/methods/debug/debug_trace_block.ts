/**
 * Runs all transactions of a block of this chain again, given as RLP.
 * @module
 */
import { keccak256 } from "../../../../core/crypto/keccak.ts";
import { type Hash32 } from "../../../../core/primitives/hex.ts";
import { decodeRlp, encodeRlp, rlpList } from "../../../../core/primitives/rlp.ts";
import { invalidParams } from "../../errors.ts";
import { chainMethod } from "../../method.ts";
import { data, param } from "../../schema.ts";
import { BLOCK_TRACES_JSON, traceBlock } from "../../tracers/trace_block.ts";
import { traceConfig } from "../../tracers/trace_config.ts";
import { blockTarget } from "../../tracers/trace_target.ts";

/** `debug_traceBlock`, with geth's tracers; the block must be one of this chain. */
export const debugTraceBlock = chainMethod({
  name: "debug_traceBlock",
  summary: "Runs all transactions of a block of this chain again, given as RLP",
  params: [param("block", data), param("config", traceConfig)],
  result: BLOCK_TRACES_JSON,
  handler: async ({ chain }, [block, config]) => {
    const target = await blockTarget(chain, { kind: "hash", hash: hashOfBlock(block) });
    return await traceBlock(chain, target, config);
  },
});

function hashOfBlock(block: Uint8Array): Hash32 {
  try {
    const [header] = rlpList(decodeRlp(block));
    return keccak256(encodeRlp(rlpList(header)));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw invalidParams(`invalid argument 0 (block): could not decode block: ${reason}`);
  }
}
