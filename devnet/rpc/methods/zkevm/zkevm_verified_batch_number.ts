/**
 * Number of the latest batch whose proof L1 accepted.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_verifiedBatchNumber`. */
export const zkevmVerifiedBatchNumber = rollupMethod({
  name: "zkevm_verifiedBatchNumber",
  summary: "Number of the latest batch whose proof L1 accepted",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await engine.heads()).verified),
});
