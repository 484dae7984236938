/**
 * Waiting transactions of one sender by nonce.
 * @module
 */
import { formatTransaction } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { groupByNonce, readPool } from "../../pool_content.ts";
import { address, param } from "../../schema.ts";

/** `txpool_contentFrom`: waiting transactions of one sender by nonce. */
export const txpoolContentFrom = chainMethod({
  name: "txpool_contentFrom",
  params: [param("address", address)],
  handler: async ({ chain }, [account]) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupByNonce(pending.filter(({ sender }) => sender === account), formatTransaction),
      queued: groupByNonce(queued.filter(({ sender }) => sender === account), formatTransaction),
    };
  },
});
