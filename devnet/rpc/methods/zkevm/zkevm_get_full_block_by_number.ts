/**
 * A block with its receipts: each transaction whole with its receipt, or the hashes; `null` for an unknown one.
 * @module
 */
import { BLOCK_JSON } from "../../chain_json.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { blockNumberOrTag, boolean, param, withDefault } from "../../schema.ts";
import { describeFullBlock } from "../../zkevm_blocks.ts";

/** `zkevm_getFullBlockByNumber`. */
export const zkevmGetFullBlockByNumber = rollupMethod({
  name: "zkevm_getFullBlockByNumber",
  summary:
    "A block with its receipts: each transaction whole with its receipt, or the hashes; `null` for an unknown one",
  params: [
    param("block", blockNumberOrTag),
    param("fullTransactions", withDefault(boolean, false)),
  ],
  result: nullableJson(BLOCK_JSON),
  handler: async ({ chain }, [reference, full]) => await describeFullBlock(chain, reference, full),
});
