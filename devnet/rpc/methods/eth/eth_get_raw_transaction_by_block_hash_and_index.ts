/**
 * The signed bytes of a transaction by its block's hash and its place there.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { findBlock } from "../../block_reference.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param, quantity } from "../../schema.ts";

/** `eth_getRawTransactionByBlockHashAndIndex`. */
export const ethGetRawTransactionByBlockHashAndIndex = chainMethod({
  name: "eth_getRawTransactionByBlockHashAndIndex",
  summary: "The signed bytes of a transaction by its block's hash and its place there",
  params: [param("blockHash", hash), param("index", quantity(64))],
  result: BYTES_JSON,
  handler: async ({ chain }, [block, index]) => {
    const found = await findBlock(chain, { kind: "hash", hash: block });
    return bytesToHex(found?.transactions[Number(index)]?.raw ?? new Uint8Array(0));
  },
});
