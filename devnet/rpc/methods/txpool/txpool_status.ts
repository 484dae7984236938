/**
 * How many transactions can go into the next block, and how many wait for a nonce.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { readPool } from "../../pool_content.ts";

/** `txpool_status`: how many transactions can go into the next block, and how many wait for a nonce. */
export const txpoolStatus = chainMethod({
  name: "txpool_status",
  params: [],
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return { pending: formatQuantity(pending.length), queued: formatQuantity(queued.length) };
  },
});
