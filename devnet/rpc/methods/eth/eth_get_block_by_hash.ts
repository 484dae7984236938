/**
 * A block by its hash, with hashes of its transactions or with all of them.
 * @module
 */
import { findBlock } from "../../block_reference.ts";
import { BLOCK_JSON } from "../../chain_json.ts";
import { formatBlock } from "../../format.ts";
import { nullableJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { boolean, hash, param, withDefault } from "../../schema.ts";

/** `eth_getBlockByHash`. */
export const ethGetBlockByHash = chainMethod({
  name: "eth_getBlockByHash",
  summary: "A block by its hash, with hashes of its transactions or with all of them",
  params: [param("blockHash", hash), param("fullTransactions", withDefault(boolean, false))],
  result: nullableJson(BLOCK_JSON),
  handler: async ({ chain }, [blockHash, full]) => {
    const found = await findBlock(chain, { kind: "hash", hash: blockHash });
    return found === undefined ? null : formatBlock(found, full ? "full" : "hashes");
  },
});
