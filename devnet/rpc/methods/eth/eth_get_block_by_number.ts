/**
 * A block by its number, with hashes of its transactions or with all of them.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatBlock } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { blockNumberOrTag, boolean, param, withDefault } from "../../schema.ts";

/** `eth_getBlockByNumber`: a block by its number, with hashes of its transactions or with all of them. */
export const ethGetBlockByNumber = chainMethod({
  name: "eth_getBlockByNumber",
  params: [
    param("block", blockNumberOrTag),
    param("fullTransactions", withDefault(boolean, false)),
  ],
  handler: async ({ chain }, [block, full]) => {
    const found = await findBlock(chain, block);
    return found === undefined ? null : formatBlock(found, full ? "full" : "hashes");
  },
});
