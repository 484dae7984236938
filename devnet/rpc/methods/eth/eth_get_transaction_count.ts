/**
 * Nonce of an account; with `pending` the pool counts too.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getTransactionCount`. */
export const ethGetTransactionCount = chainMethod({
  name: "eth_getTransactionCount",
  summary: "Nonce of an account; with `pending` the pool counts too",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  result: QUANTITY_JSON,
  handler: async ({ chain }, [account, block]) => {
    if (block.kind === "tag" && block.tag === "pending") {
      return formatQuantity(await chain.pendingNonce(account));
    }
    return formatQuantity(await chain.nonce(account, await resolveNumber(chain, block)));
  },
});
