/**
 * A transaction by the hash that it has on the L2: the usual one.
 * @module
 */
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `zkevm_getTransactionByL2Hash`. */
export const zkevmGetTransactionByL2Hash = rollupMethod({
  name: "zkevm_getTransactionByL2Hash",
  summary: "A transaction by the hash that it has on the L2: the usual one",
  params: [param("hash", hash)],
  result: nullableJson(TRANSACTION_JSON),
  handler: async ({ chain }, [hash]) => {
    const transaction = await chain.transaction(hash);
    return transaction === undefined ? null : formatTransaction(transaction);
  },
});
