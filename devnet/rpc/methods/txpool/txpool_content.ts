/**
 * Waiting transactions by sender and nonce.
 * @module
 */
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { groupBySender, readPool } from "../../pool_content.ts";

/** `txpool_content`: waiting transactions by sender and nonce. */
export const txpoolContent = chainMethod({
  name: "txpool_content",
  params: [],
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupBySender(pending, formatTransaction),
      queued: groupBySender(queued, formatTransaction),
    };
  },
});
