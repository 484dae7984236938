/**
 * Gives an account a balance by decree, in a block of its own.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { address, param, quantityOrNumber } from "../../schema.ts";

/**
 * `anvil_setBalance`: gives an account a balance by decree, in a block of its own. With anvil the
 * latest state changes under its block; here each state has a block with its root.
 */
export const anvilSetBalance = controlMethod({
  name: "anvil_setBalance",
  params: [param("address", address), param("balance", quantityOrNumber(256))],
  handler: async ({ controls }, [account, balanceWei]) => {
    await controls.setBalance(account, balanceWei);
    return null;
  },
});
