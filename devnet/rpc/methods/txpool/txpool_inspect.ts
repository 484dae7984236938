/**
 * Waiting transactions by sender and nonce, each in one line of text.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { describeTransaction, groupBySender, readPool } from "../../pool_content.ts";

/** `txpool_inspect`: waiting transactions by sender and nonce, each in one line of text. */
export const txpoolInspect = chainMethod({
  name: "txpool_inspect",
  params: [],
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupBySender(pending, describeTransaction),
      queued: groupBySender(queued, describeTransaction),
    };
  },
});
