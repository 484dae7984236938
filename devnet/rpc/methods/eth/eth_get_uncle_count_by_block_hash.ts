/**
 * How many uncles a block has: none since the merge, `null` for no block.
 * @module
 */
import { findNumber } from "../../block_reference.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getUncleCountByBlockHash`: how many uncles a block has: none since the merge, `null` for no block. */
export const ethGetUncleCountByBlockHash = chainMethod({
  name: "eth_getUncleCountByBlockHash",
  params: [param("blockHash", hash)],
  handler: async ({ chain }, [blockHash]) => {
    const number = await findNumber(chain, { kind: "hash", hash: blockHash });
    return number === undefined ? null : "0x0";
  },
});
