/**
 * The RLP of a header.
 * @module
 */
import { bytesToHex } from "../../../../core/primitives/hex.ts";
import { encodeChainHeader } from "../../../chain_block.ts";
import { requireHeader } from "../../block_reference.ts";
import { BYTES_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockReference, param } from "../../schema.ts";

/** `debug_getRawHeader`. */
export const debugGetRawHeader = chainMethod({
  name: "debug_getRawHeader",
  summary: "The RLP of a header",
  params: [param("block", blockReference)],
  result: BYTES_JSON,
  handler: async ({ chain }, [block]) =>
    bytesToHex(encodeChainHeader(await requireHeader(chain, block))),
});
