/**
 * A block without its transactions, and what they paid.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { anyBlockNumber, DETAILS_JSON, formatDetails } from "../../otterscan/shapes.ts";
import { param } from "../../schema.ts";

/** `ots_getBlockDetails`. */
export const otsGetBlockDetails = chainMethod({
  name: "ots_getBlockDetails",
  summary: "A block without its transactions, and what they paid",
  params: [param("block", anyBlockNumber)],
  result: nullableJson(DETAILS_JSON),
  handler: async ({ chain }, [reference]) => {
    const block = await findBlock(chain, reference);
    if (block === undefined) return null;
    return formatDetails(block, await chain.receipts(block.header.number));
  },
});
