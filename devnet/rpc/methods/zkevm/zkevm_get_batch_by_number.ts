/**
 * A sealed batch with its blocks and transactions.
 * @module
 */
import { batchReference, describeBatch, ZKEVM_BATCH_JSON } from "../../batches.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { boolean, param, withDefault } from "../../schema.ts";

/** `zkevm_getBatchByNumber`. */
export const zkevmGetBatchByNumber = rollupMethod({
  name: "zkevm_getBatchByNumber",
  summary: "A sealed batch with its blocks and transactions",
  params: [
    param("batch", batchReference),
    param("fullTransactions", withDefault(boolean, false)),
  ],
  result: nullableJson(ZKEVM_BATCH_JSON),
  handler: async (context, [batch, full]) =>
    await describeBatch(context, batch, full ? "full" : "hashes"),
});
