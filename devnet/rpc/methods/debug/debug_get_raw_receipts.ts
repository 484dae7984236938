/**
 * The receipts of a block in consensus form.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { encodeChainReceipts } from "../../../chain_block.ts";
import { requireHeader } from "../../block_reference.ts";
import { BYTES_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `debug_getRawReceipts`. */
export const debugGetRawReceipts = chainMethod({
  name: "debug_getRawReceipts",
  summary: "The receipts of a block in consensus form",
  params: [param("block", blockReference)],
  result: listJson(BYTES_JSON),
  handler: async ({ chain }, [block]) => {
    const { number } = await requireHeader(chain, block);
    return encodeChainReceipts(await chain.receipts(number)).map(bytesToHex);
  },
});
