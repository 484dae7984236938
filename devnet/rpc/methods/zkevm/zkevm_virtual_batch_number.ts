/**
 * Number of the latest batch whose data is on L1.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zkevm_virtualBatchNumber`. */
export const zkevmVirtualBatchNumber = rollupMethod({
  name: "zkevm_virtualBatchNumber",
  summary: "Number of the latest batch whose data is on L1",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await engine.heads()).sequenced),
});
