/**
 * The batch that a block was sealed into; `null` while it is in none.
 * @module
 */
import { findBatchOfBlock } from "../../batch_facts.ts";
import { formatQuantity } from "../../format.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `zkevm_batchNumberByBlockNumber`. */
export const zkevmBatchNumberByBlockNumber = rollupMethod({
  name: "zkevm_batchNumberByBlockNumber",
  summary: "The batch that a block was sealed into; `null` while it is in none",
  params: [param("block", quantityOrNumber())],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ engine }, [block]) => {
    const found = await findBatchOfBlock(engine, block);
    return found === undefined ? null : formatQuantity(found);
  },
});
