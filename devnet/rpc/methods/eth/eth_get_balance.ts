/**
 * Balance of an account in wei.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { QUANTITY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getBalance`. */
export const ethGetBalance = chainMethod({
  name: "eth_getBalance",
  summary: "Balance of an account in wei",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  result: QUANTITY_JSON,
  handler: async ({ chain }, [account, block]) =>
    formatQuantity(await chain.balance(account, await resolveNumber(chain, block))),
});
