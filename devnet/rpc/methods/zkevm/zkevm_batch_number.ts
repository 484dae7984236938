/**
 * Number of the latest sealed batch: the trusted state.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_batchNumber`: number of the latest sealed batch: the trusted state. */
export const zkevmBatchNumber = rollupMethod({
  name: "zkevm_batchNumber",
  params: [],
  handler: async ({ engine }) => formatQuantity((await engine.heads()).sealed),
});
