/**
 * Gives an account a nonce at once, without a block.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_setNonce`: gives an account a nonce at once, without a block, also a lower one than it
 * has.
 */
export const anvilSetNonce = controlMethod({
  name: "anvil_setNonce",
  aliases: ["hardhat_setNonce", "evm_setAccountNonce"],
  summary: "Gives an account a nonce at once, without a block",
  params: [param("address", address), param("nonce", anyQuantity(64))],
  result: NULL_JSON,
  handler: async ({ controls }, [account, nonce]) => {
    await controls.decree(new Map([[account, { nonce }]]));
    return null;
  },
});
