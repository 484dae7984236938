/**
 * The RLP of a block as peers would send it.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { encodeChainBlock } from "../../../chain_block.ts";
import { requireBlock } from "../../block_reference.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `debug_getRawBlock`. */
export const debugGetRawBlock = chainMethod({
  name: "debug_getRawBlock",
  summary: "The RLP of a block as peers would send it",
  params: [param("block", blockReference)],
  result: BYTES_JSON,
  handler: async ({ chain }, [block]) =>
    bytesToHex(encodeChainBlock(await requireBlock(chain, block))),
});
