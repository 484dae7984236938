/**
 * A header by its block's number.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { formatHeader } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getHeaderByNumber`: a header by its block's number. */
export const ethGetHeaderByNumber = chainMethod({
  name: "eth_getHeaderByNumber",
  params: [param("block", blockNumberOrTag)],
  handler: async ({ chain }, [block]) => {
    const found = await findHeader(chain, block);
    return found === undefined ? null : formatHeader(found);
  },
});
