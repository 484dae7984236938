/**
 * A receipt by the hash that its transaction has on the L2: the usual one.
 * @module
 */
import { RECEIPT_JSON } from "../../chain_json.ts";
import { formatReceipt } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `zkevm_getTransactionReceiptByL2Hash`. */
export const zkevmGetTransactionReceiptByL2Hash = rollupMethod({
  name: "zkevm_getTransactionReceiptByL2Hash",
  summary: "A receipt by the hash that its transaction has on the L2: the usual one",
  params: [param("hash", hash)],
  result: nullableJson(RECEIPT_JSON),
  handler: async ({ chain }, [hash]) => {
    const entry = await chain.receipt(hash);
    if (entry === undefined) return null;
    const { position } = entry.transaction;
    const header = position === undefined ? undefined : await chain.header(position.blockNumber);
    return formatReceipt(entry, header?.timestampSec ?? 0n);
  },
});
