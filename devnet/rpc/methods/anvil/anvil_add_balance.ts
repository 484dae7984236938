/**
 * Adds to the balance of an account at once, without a block.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyQuantity, param } from "../../schema.ts";

/** `anvil_addBalance`: adds to the balance of an account at once, without a block. */
export const anvilAddBalance = controlMethod({
  name: "anvil_addBalance",
  aliases: ["hardhat_addBalance", "tenderly_addBalance"],
  summary: "Adds to the balance of an account at once, without a block",
  params: [param("address", address), param("amount", anyQuantity(256))],
  result: NULL_JSON,
  handler: async ({ chain, controls }, [account, amountWei]) => {
    const sumWei = await chain.balance(account, await chain.numberOf("latest")) + amountWei;
    // As anvil: what does not fit stays at the largest amount.
    const balanceWei = sumWei < MAX_BALANCE_WEI ? sumWei : MAX_BALANCE_WEI;
    await controls.decree(new Map([[account, { balanceWei }]]));
    return null;
  },
});

const MAX_BALANCE_WEI = (1n << 256n) - 1n;
