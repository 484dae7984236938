/**
 * Number of the latest sealed batch.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";

/** `zks_L1BatchNumber`. */
export const zksL1BatchNumber = rollupMethod({
  name: "zks_L1BatchNumber",
  summary: "Number of the latest sealed batch",
  params: [],
  result: QUANTITY_JSON,
  handler: async ({ engine }) => formatQuantity((await engine.heads()).sealed),
});
