/**
 * A block by its hash, with hashes of its transactions or with all of them.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatBlock } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { boolean, hash, param, withDefault } from "../../schema.ts";

/** `eth_getBlockByHash`: a block by its hash, with hashes of its transactions or with all of them. */
export const ethGetBlockByHash = chainMethod({
  name: "eth_getBlockByHash",
  params: [param("blockHash", hash), param("fullTransactions", withDefault(boolean, false))],
  handler: async ({ chain }, [blockHash, full]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatBlock(found, full ? "full" : "hashes");
  },
});
