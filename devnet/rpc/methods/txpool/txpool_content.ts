/**
 * Waiting transactions by sender and nonce.
 * @module
 */
import { poolJson, TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { groupBySender, readPool } from "../../pool_content.ts";

/** `txpool_content`. */
export const txpoolContent = chainMethod({
  name: "txpool_content",
  summary: "Waiting transactions by sender and nonce",
  params: [],
  result: poolJson(TRANSACTION_JSON),
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupBySender(pending, formatTransaction),
      queued: groupBySender(queued, formatTransaction),
    };
  },
});
