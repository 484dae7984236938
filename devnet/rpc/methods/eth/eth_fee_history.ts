/**
 * Base fees, fullness and tips of the last blocks.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { invalidParams } from "../../errors.ts";
import { feeHistory } from "../../fees.ts";
import { MAX_FEE_HISTORY_BLOCKS, MAX_FEE_HISTORY_PERCENTILES } from "../../limits.ts";
import { chainMethod } from "../../method.ts";
import {
  blockNumberOrTag,
  finiteNumber,
  list,
  optional,
  param,
  quantityOrNumber,
} from "../../schema.ts";

/** `eth_feeHistory`: base fees, fullness and tips of the last blocks. */
export const ethFeeHistory = chainMethod({
  name: "eth_feeHistory",
  params: [
    param("blockCount", quantityOrNumber()),
    param("newestBlock", blockNumberOrTag),
    param("rewardPercentiles", optional(list(finiteNumber, MAX_FEE_HISTORY_PERCENTILES))),
  ],
  handler: async ({ chain }, [blockCount, newestBlock, percentiles]) => {
    assertAscending(percentiles ?? []);
    const last = await resolveNumber(chain, newestBlock);
    const count = blockCount < MAX_FEE_HISTORY_BLOCKS ? blockCount : MAX_FEE_HISTORY_BLOCKS;
    return await feeHistory(chain, { count, last }, percentiles);
  },
});

function assertAscending(percentiles: readonly number[]): void {
  let previous = 0;
  for (const percentile of percentiles) {
    if (percentile < previous || percentile > 100) {
      throw invalidParams(
        `invalid argument 2 (rewardPercentiles): expected percentiles from 0 to 100 in rising ` +
          `order, got ${percentile} after ${previous}`,
      );
    }
    previous = percentile;
  }
}
