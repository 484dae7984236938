/**
 * A block with its receipts: each transaction whole with its receipt, or the hashes; `null` for an unknown one.
 * @module
 */
import { BLOCK_JSON } from "../../chain_json.ts";
import { nullableJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { boolean, hash, param, withDefault } from "../../schema.ts";
import { describeFullBlock } from "../../zkevm_blocks.ts";

/** `zkevm_getFullBlockByHash`. */
export const zkevmGetFullBlockByHash = rollupMethod({
  name: "zkevm_getFullBlockByHash",
  summary:
    "A block with its receipts: each transaction whole with its receipt, or the hashes; `null` for an unknown one",
  params: [param("block", hash), param("fullTransactions", withDefault(boolean, false))],
  result: nullableJson(BLOCK_JSON),
  handler: async ({ chain }, [hash, full]) =>
    await describeFullBlock(chain, { kind: "hash", hash }, full),
});
