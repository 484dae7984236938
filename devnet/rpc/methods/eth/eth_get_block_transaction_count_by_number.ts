/**
 * How many transactions a block has.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { nullableJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { isPending, pendingTransactions } from "../../pending_block.ts";
import { blockNumberOrTag, param } from "../../schema.ts";

/** `eth_getBlockTransactionCountByNumber`. */
export const ethGetBlockTransactionCountByNumber = chainMethod({
  name: "eth_getBlockTransactionCountByNumber",
  summary: "How many transactions a block has",
  params: [param("block", blockNumberOrTag)],
  result: nullableJson(QUANTITY_JSON),
  handler: async ({ chain }, [block]) => {
    if (isPending(chain, block)) return formatQuantity((await pendingTransactions(chain)).length);
    const found = await findBlock(chain, block);
    return found === undefined ? null : formatQuantity(found.transactions.length);
  },
});
