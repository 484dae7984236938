/**
 * A header by its block's hash.
 * @module
 */
import { findHeader } from "../../block_reference.ts";
import { formatHeader } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getHeaderByHash`: a header by its block's hash. */
export const ethGetHeaderByHash = chainMethod({
  name: "eth_getHeaderByHash",
  params: [param("blockHash", hash)],
  handler: async ({ chain }, [blockHash]) => {
    const found = await findHeader(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatHeader(found);
  },
});
