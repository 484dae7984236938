/**
 * Number of the latest batch whose proof L1 accepted.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_verifiedBatchNumber`: number of the latest batch whose proof L1 accepted. */
export const zkevmVerifiedBatchNumber = rollupMethod({
  name: "zkevm_verifiedBatchNumber",
  params: [],
  handler: async ({ engine }) => formatQuantity((await engine.heads()).verified),
});
