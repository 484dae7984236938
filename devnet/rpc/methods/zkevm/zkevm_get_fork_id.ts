/**
 * Number of the rules that batches are made by.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { FORK_ID } from "../../zkevm_forks.ts";

/** `zkevm_getForkId`. */
export const zkevmGetForkId = rollupMethod({
  name: "zkevm_getForkId",
  summary: "Number of the rules that batches are made by",
  params: [],
  result: QUANTITY_JSON,
  handler: () => formatQuantity(FORK_ID),
});
