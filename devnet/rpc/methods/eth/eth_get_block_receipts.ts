/**
 * All receipts of a block.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { formatReceipt } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `eth_getBlockReceipts`: all receipts of a block. */
export const ethGetBlockReceipts = chainMethod({
  name: "eth_getBlockReceipts",
  params: [param("block", blockReference)],
  handler: async ({ chain }, [block]) => {
    const header = await findHeader(chain, block);
    if (header === undefined) return null;
    const receipts = await chain.receipts(header.number);
    return receipts.map((entry) => formatReceipt(entry, header.timestampSec));
  },
});
