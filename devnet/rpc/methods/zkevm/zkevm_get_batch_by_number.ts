/**
 * A sealed batch with its blocks and transactions.
 * @module
 */
import { batchReference, describeBatch } from "../../batches.ts";
import { rollupMethod } from "../../method.ts";
import { boolean, param, withDefault } from "../../schema.ts";

/** `zkevm_getBatchByNumber`: a sealed batch with its blocks and transactions. */
export const zkevmGetBatchByNumber = rollupMethod({
  name: "zkevm_getBatchByNumber",
  params: [
    param("batch", batchReference),
    param("fullTransactions", withDefault(boolean, false)),
  ],
  handler: async (context, [batch, full]) =>
    await describeBatch(context, batch, full ? "full" : "hashes"),
});
