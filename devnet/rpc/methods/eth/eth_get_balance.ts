/**
 * Balance of an account in wei.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { formatQuantity } from "../../format.ts";
import { chainMethod } from "../../method.ts";
import { address, blockReference, LATEST, param, withDefault } from "../../schema.ts";

/** `eth_getBalance`: balance of an account in wei. */
export const ethGetBalance = chainMethod({
  name: "eth_getBalance",
  params: [param("address", address), param("block", withDefault(blockReference, LATEST))],
  handler: async ({ chain }, [account, block]) =>
    formatQuantity(await chain.balance(account, await resolveNumber(chain, block))),
});
