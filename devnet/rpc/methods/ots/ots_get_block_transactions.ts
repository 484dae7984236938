/**
 * Some transactions of a block with their receipts, the last ones first.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { ANY_JSON, listJson, nullableJson, objectJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { anyBlockNumber, formatTransactionsPage } from "../../otterscan/shapes.ts";
import { pageSize } from "../../otterscan/page_size.ts";
import { param, wholeNumber } from "../../schema.ts";

/** `ots_getBlockTransactions`; call data is cut to the selector, logs are left out. */
export const otsGetBlockTransactions = chainMethod({
  name: "ots_getBlockTransactions",
  summary: "Some transactions of a block with their receipts, the last ones first",
  params: [
    param("block", anyBlockNumber),
    param("pageNumber", wholeNumber),
    param("pageSize", pageSize),
  ],
  result: nullableJson(objectJson({ fullblock: ANY_JSON, receipts: listJson(ANY_JSON) })),
  handler: async ({ chain }, [reference, number, size]) => {
    const block = await findBlock(chain, reference);
    if (block === undefined) return null;
    const receipts = await chain.receipts(block.header.number);
    return formatTransactionsPage(block, receipts, { number, size });
  },
});
