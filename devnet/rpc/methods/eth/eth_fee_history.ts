/**
 * Base fees, fullness and tips of the last blocks.
 * @module
 */
import { findNumber } from "../../block_reference.ts";
import { FEE_HISTORY_JSON } from "../../chain_json.ts";
import type { ChainBackend } from "../../chain.ts";
import { invalidParams, refusal, RPC_CODES, type RpcError } from "../../errors.ts";
import { feeHistory } from "../../fees.ts";
import { MAX_FEE_HISTORY_BLOCKS, MAX_FEE_HISTORY_PERCENTILES } from "../../limits.ts";
import { chainMethod } from "../../method.ts";
import { isPending, runPendingBlock } from "../../pending_block.ts";
import {
  blockNumberOrTag,
  type BlockReference,
  finiteNumber,
  list,
  optional,
  param,
  quantityOrNumber,
} from "../../schema.ts";

/** `eth_feeHistory`. */
export const ethFeeHistory = chainMethod({
  name: "eth_feeHistory",
  summary: "Base fees, fullness and tips of the last blocks",
  params: [
    param("blockCount", quantityOrNumber()),
    param("newestBlock", blockNumberOrTag),
    param("rewardPercentiles", optional(list(finiteNumber, MAX_FEE_HISTORY_PERCENTILES))),
  ],
  result: FEE_HISTORY_JSON,
  handler: async ({ chain }, [blockCount, newestBlock, percentiles]) => {
    assertAscending(percentiles ?? []);
    const pending = isPending(chain, newestBlock) ? await runPendingBlock(chain) : undefined;
    const newest = pending ?? await findNumber(chain, newestBlock);
    if (newest === undefined) throw await beyondHead(chain, newestBlock);
    const count = blockCount < MAX_FEE_HISTORY_BLOCKS ? blockCount : MAX_FEE_HISTORY_BLOCKS;
    return await feeHistory(chain, { count, newest }, percentiles);
  },
});

async function beyondHead(chain: ChainBackend, reference: BlockReference): Promise<RpcError> {
  const head = await chain.numberOf("latest");
  const requested = reference.kind === "number" ? reference.number : head;
  return refusal(
    RPC_CODES.serverError,
    "BLOCK_NOT_FOUND",
    `request beyond head block: requested ${requested}, head ${head}`,
    `Name a block of this ${chain.layer}: numbers go up to ${head}.`,
  );
}

function assertAscending(percentiles: readonly number[]): void {
  let previous = 0;
  for (const percentile of percentiles) {
    if (percentile < 0 || percentile > 100) {
      throw invalidParams(
        `invalid argument 2 (rewardPercentiles): expected percentiles from 0 to 100, ` +
          `got ${percentile}`,
      );
    }
    if (percentile < previous) {
      throw invalidParams(
        `invalid argument 2 (rewardPercentiles): expected percentiles in rising order, ` +
          `got ${percentile} after ${previous}`,
      );
    }
    previous = percentile;
  }
}
