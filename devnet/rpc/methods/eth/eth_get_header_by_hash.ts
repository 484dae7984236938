/**
 * A header by its block's hash.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { HEADER_JSON } from "../../chain_json.ts";
import { formatHeader } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getHeaderByHash`. */
export const ethGetHeaderByHash = chainMethod({
  name: "eth_getHeaderByHash",
  summary: "A header by its block's hash",
  params: [param("blockHash", hash)],
  result: nullableJson(HEADER_JSON),
  handler: async ({ chain }, [blockHash]) => {
    const found = await findHeader(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatHeader(found);
  },
});
