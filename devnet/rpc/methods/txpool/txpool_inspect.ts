/**
 * Waiting transactions by sender and nonce, each in one line of text.
 * @module
 */
import { poolJson } from "../../chain_json.ts";
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { describeTransaction, groupBySender, readPool } from "../../pool_content.ts";

/** `txpool_inspect`. */
export const txpoolInspect = chainMethod({
  name: "txpool_inspect",
  summary: "Waiting transactions by sender and nonce, each in one line of text",
  params: [],
  result: poolJson(TEXT_JSON),
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupBySender(pending, describeTransaction),
      queued: groupBySender(queued, describeTransaction),
    };
  },
});
