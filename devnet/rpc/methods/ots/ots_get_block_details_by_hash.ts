/**
 * The block with a hash without its transactions, and what they paid.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { DETAILS_JSON, formatDetails } from "../../otterscan/shapes.ts";
import { hash, param } from "../../schema.ts";

/** `ots_getBlockDetailsByHash`. */
export const otsGetBlockDetailsByHash = chainMethod({
  name: "ots_getBlockDetailsByHash",
  summary: "The block with a hash without its transactions, and what they paid",
  params: [param("blockHash", hash)],
  result: nullableJson(DETAILS_JSON),
  handler: async ({ chain }, [blockHash]) => {
    const block = await findBlock(chain, { kind: "hash", hash: blockHash });
    if (block === undefined) return null;
    return formatDetails(block, await chain.receipts(block.header.number));
  },
});
