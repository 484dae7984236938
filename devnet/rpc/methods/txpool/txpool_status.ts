/**
 * How many transactions can go into the next block, and how many wait for a nonce.
 * @module
 */
import { formatQuantity } from "../../format.ts";
import { objectJson, QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { readPool } from "../../pool_content.ts";

/** `txpool_status`. */
export const txpoolStatus = chainMethod({
  name: "txpool_status",
  summary: "How many transactions can go into the next block, and how many wait for a nonce",
  params: [],
  result: objectJson({ pending: QUANTITY_JSON, queued: QUANTITY_JSON }),
  handler: async ({ chain }) => {
    const { pending, queued } = await readPool(chain);
    return { pending: formatQuantity(pending.length), queued: formatQuantity(queued.length) };
  },
});
