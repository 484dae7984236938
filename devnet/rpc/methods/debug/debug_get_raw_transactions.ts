/**
 * The signed bytes of all transactions of a block.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { requireBlock } from "../../block_reference.ts";
import { BYTES_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `debug_getRawTransactions`. */
export const debugGetRawTransactions = chainMethod({
  name: "debug_getRawTransactions",
  summary: "The signed bytes of all transactions of a block",
  params: [param("block", blockReference)],
  result: listJson(BYTES_JSON),
  handler: async ({ chain }, [block]) =>
    (await requireBlock(chain, block)).transactions.map(({ raw }) => bytesToHex(raw)),
});
