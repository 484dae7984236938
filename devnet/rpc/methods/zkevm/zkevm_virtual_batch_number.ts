/**
 * Number of the latest batch whose data is on L1.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_virtualBatchNumber`: number of the latest batch whose data is on L1. */
export const zkevmVirtualBatchNumber = rollupMethod({
  name: "zkevm_virtualBatchNumber",
  params: [],
  handler: async ({ engine }) => formatQuantity((await engine.heads()).sequenced),
});
