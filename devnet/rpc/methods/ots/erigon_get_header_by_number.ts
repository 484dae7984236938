/**
 * A header by its block's number, under the name that Otterscan asks for.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { HEADER_JSON } from "../../chain_json.ts";
import { formatHeader } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { anyBlockNumber } from "../../otterscan/shapes.ts";
import { param } from "../../schema.ts";

/** `erigon_getHeaderByNumber`. */
export const erigonGetHeaderByNumber = chainMethod({
  name: "erigon_getHeaderByNumber",
  summary: "A header by its block's number, under the name that Otterscan asks for",
  params: [param("block", anyBlockNumber)],
  result: nullableJson(HEADER_JSON),
  handler: async ({ chain }, [block]) => {
    const found = await findHeader(chain, block);
    return found === undefined ? null : formatHeader(found);
  },
});
