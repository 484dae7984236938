/**
 * Waiting transactions of one sender by nonce.
 * @module
 */
import { TRANSACTION_JSON } from "../../chain_json.ts";
import { formatTransaction } from "../../format.ts";
import { objectJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { groupByNonce, readPool } from "../../pool_content.ts";
import { address, param } from "../../schema.ts";

/** `txpool_contentFrom`. */
export const txpoolContentFrom = chainMethod({
  name: "txpool_contentFrom",
  summary: "Waiting transactions of one sender by nonce",
  params: [param("address", address)],
  result: objectJson({
    pending: { type: "object", additionalProperties: TRANSACTION_JSON },
    queued: { type: "object", additionalProperties: TRANSACTION_JSON },
  }),
  handler: async ({ chain }, [account]) => {
    const { pending, queued } = await readPool(chain);
    return {
      pending: groupByNonce(pending.filter(({ sender }) => sender === account), formatTransaction),
      queued: groupByNonce(queued.filter(({ sender }) => sender === account), formatTransaction),
    };
  },
});
