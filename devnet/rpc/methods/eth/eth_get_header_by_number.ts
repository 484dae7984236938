/**
 * A header by its block's number.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { HEADER_JSON } from "../../chain_json.ts";
import { formatHeader } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { formatPendingHeader, isPending } from "../../pending_block.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getHeaderByNumber`. */
export const ethGetHeaderByNumber = chainMethod({
  name: "eth_getHeaderByNumber",
  summary: "A header by its block's number",
  params: [param("block", blockNumberOrTag)],
  result: nullableJson(HEADER_JSON),
  handler: async ({ chain }, [block]) => {
    if (isPending(chain, block)) return await formatPendingHeader(chain);
    const found = await findHeader(chain, block);
    return found === undefined ? null : formatHeader(found);
  },
});
