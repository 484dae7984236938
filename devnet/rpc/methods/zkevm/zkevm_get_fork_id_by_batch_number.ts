/**
 * Number of the rules that a batch was or will be made by.
 * @module
 */
import { batchReference } from "../../batches.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { param } from "../../schema.ts";
import { FORK_ID } from "../../zkevm_forks.ts";

/** `zkevm_getForkIdByBatchNumber`. */
export const zkevmGetForkIdByBatchNumber = rollupMethod({
  name: "zkevm_getForkIdByBatchNumber",
  summary: "Number of the rules that a batch was or will be made by",
  params: [param("batch", batchReference)],
  result: QUANTITY_JSON,
  handler: () => formatQuantity(FORK_ID),
});
