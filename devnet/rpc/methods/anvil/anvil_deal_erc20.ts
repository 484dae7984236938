/**
 * Gives an account a balance of a token, whose balance slot is found by trying.
 * @module
 */
import { dealErc20 } from "../../erc20_slots.ts";
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_dealERC20`: gives an account a balance of a token, whose balance slot is found by trying.
 */
export const anvilDealERC20 = controlMethod({
  name: "anvil_dealERC20",
  aliases: ["hardhat_dealERC20", "anvil_setERC20Balance"],
  summary: "Gives an account a balance of a token, whose balance slot is found by trying",
  params: [
    param("address", address),
    param("token", address),
    param("balance", anyQuantity(256)),
  ],
  result: NULL_JSON,
  handler: async (context, [account, token, balance]) => {
    await dealErc20(context, token, { account, balance });
    return null;
  },
});
