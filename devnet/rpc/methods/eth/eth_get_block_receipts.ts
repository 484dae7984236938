/**
 * All receipts of a block.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { RECEIPT_JSON } from "../../chain_json.ts";
import { formatReceipt } from "../../format.ts";
import { listJson, nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `eth_getBlockReceipts`. */
export const ethGetBlockReceipts = chainMethod({
  name: "eth_getBlockReceipts",
  summary: "All receipts of a block",
  params: [param("block", blockReference)],
  result: nullableJson(listJson(RECEIPT_JSON)),
  handler: async ({ chain }, [block]) => {
    const header = await findHeader(chain, block);
    if (header === undefined) return null;
    const receipts = await chain.receipts(header.number);
    return receipts.map((entry) => formatReceipt(entry, header.timestampSec));
  },
});
