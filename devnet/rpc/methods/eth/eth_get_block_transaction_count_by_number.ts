/**
 * How many transactions a block has.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getBlockTransactionCountByNumber`: how many transactions a block has. */
export const ethGetBlockTransactionCountByNumber = chainMethod({
  name: "eth_getBlockTransactionCountByNumber",
  params: [param("block", blockNumberOrTag)],
  handler: async ({ chain }, [block]) => {
    const found = await findBlock(chain, block);
    return found === undefined ? null : formatQuantity(found.transactions.length);
  },
});
