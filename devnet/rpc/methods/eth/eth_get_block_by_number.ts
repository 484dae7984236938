/**
 * A block by its number, with hashes of its transactions or with all of them.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { BLOCK_JSON } from "../../chain_json.ts";
import { formatBlock } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { formatPendingBlock, isPending } from "../../pending_block.ts";
import { blockNumberOrTag, boolean, param, withDefault } from "../../schema.ts";

/** `eth_getBlockByNumber`. */
export const ethGetBlockByNumber = chainMethod({
  name: "eth_getBlockByNumber",
  summary: "A block by its number, with hashes of its transactions or with all of them",
  params: [
    param("block", blockNumberOrTag),
    param("fullTransactions", withDefault(boolean, false)),
  ],
  result: nullableJson(BLOCK_JSON),
  handler: async ({ chain }, [block, full]) => {
    const how = full ? "full" : "hashes";
    if (isPending(chain, block)) return await formatPendingBlock(chain, how);
    const found = await findBlock(chain, block);
    return found === undefined ? null : formatBlock(found, how);
  },
});
