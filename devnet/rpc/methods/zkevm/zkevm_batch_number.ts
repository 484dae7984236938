/**
 * Number of the latest sealed batch: the trusted state.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_batchNumber`. */
export const zkevmBatchNumber = rollupMethod({
  name: "zkevm_batchNumber",
  summary: "Number of the latest sealed batch: the trusted state",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await engine.heads()).sealed),
});
