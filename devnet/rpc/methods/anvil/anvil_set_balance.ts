/**
 * Gives an account a balance at once, without a block.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyQuantity, param } from "../../schema.ts";

/** `anvil_setBalance`: gives an account a balance at once, without a block, as anvil does. */
export const anvilSetBalance = controlMethod({
  name: "anvil_setBalance",
  aliases: ["hardhat_setBalance", "tenderly_setBalance", "evm_setAccountBalance"],
  summary: "Gives an account a balance at once, without a block",
  params: [param("address", address), param("balance", anyQuantity(256))],
  result: NULL_JSON,
  handler: async ({ controls }, [account, balanceWei]) => {
    await controls.decree(new Map([[account, { balanceWei }]]));
    return null;
  },
});
