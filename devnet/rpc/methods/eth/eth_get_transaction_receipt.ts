/**
 * What an included transaction did; `null` while it waits.
 * @module
 */
import { RECEIPT_JSON } from "../../chain_json.ts";
import { formatReceipt } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getTransactionReceipt`. */
export const ethGetTransactionReceipt = chainMethod({
  name: "eth_getTransactionReceipt",
  summary: "What an included transaction did; `null` while it waits",
  params: [param("transactionHash", hash)],
  result: nullableJson(RECEIPT_JSON),
  handler: async ({ chain }, [transactionHash]) => {
    const found = await chain.receipt(transactionHash);
    const number = found?.transaction.position?.blockNumber;
    if (found === undefined || number === undefined) return null;
    const header = await chain.header(number);
    return header === undefined ? null : formatReceipt(found, header.timestampSec);
  },
});
