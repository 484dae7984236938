/**
 * The batch that a block was sealed into; `null` while it is in none.
 * @module
 */
import { findBatchOfBlock } from "../../batches.ts";
import { formatQuantity } from "../../format.ts";
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_batchNumberByBlockNumber`: the batch that a block was sealed into; `null` while it is in none. */
export const zkevmBatchNumberByBlockNumber = rollupMethod({
  name: "zkevm_batchNumberByBlockNumber",
  params: [param("block", quantityOrNumber())],
  handler: async ({ engine }, [block]) => {
    const found = await findBatchOfBlock(engine, block);
    return found === undefined ? null : formatQuantity(found);
  },
});
