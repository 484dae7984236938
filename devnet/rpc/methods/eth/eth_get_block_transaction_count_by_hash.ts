/**
 * How many transactions a block has.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `eth_getBlockTransactionCountByHash`: how many transactions a block has. */
export const ethGetBlockTransactionCountByHash = chainMethod({
  name: "eth_getBlockTransactionCountByHash",
  params: [param("blockHash", hash)],
  handler: async ({ chain }, [blockHash]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatQuantity(found.transactions.length);
  },
});
