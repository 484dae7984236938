/**
 * Lets an account spend so much of a token of another, whose slot is found by trying.
 * @module
 */
import { allowErc20 } from "../../erc20_slots.ts";
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_setERC20Allowance`: lets an account spend so much of a token of another, whose slot is
 * found by trying.
 */
export const anvilSetERC20Allowance = controlMethod({
  name: "anvil_setERC20Allowance",
  aliases: ["hardhat_setERC20Allowance"],
  summary: "Lets an account spend so much of a token of another, whose slot is found by trying",
  params: [
    param("owner", address),
    param("spender", address),
    param("token", address),
    param("amount", anyQuantity(256)),
  ],
  result: NULL_JSON,
  handler: async (context, [owner, spender, token, amount]) => {
    await allowErc20(context, token, { owner, spender, amount });
    return null;
  },
});
