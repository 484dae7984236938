/**
 * The signed bytes of a transaction by its block's number and its place there.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { findBlock } from "../../block_reference.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param, quantity } from "../../schema.ts";

/** `eth_getRawTransactionByBlockNumberAndIndex`. */
export const ethGetRawTransactionByBlockNumberAndIndex = chainMethod({
  name: "eth_getRawTransactionByBlockNumberAndIndex",
  summary: "The signed bytes of a transaction by its block's number and its place there",
  params: [param("block", blockNumberOrTag), param("index", quantity(64))],
  result: BYTES_JSON,
  handler: async ({ chain }, [block, index]) => {
    const found = await findBlock(chain, block);
    return bytesToHex(found?.transactions[Number(index)]?.raw ?? new Uint8Array(0));
  },
});
