/**
 * Gives an account a code at once, without a block.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, data, param } from "../../schema.ts";

/** `anvil_setCode`: gives an account a code at once, without a block. */
export const anvilSetCode = controlMethod({
  name: "anvil_setCode",
  aliases: ["hardhat_setCode", "evm_setAccountCode"],
  summary: "Gives an account a code at once, without a block",
  params: [param("address", address), param("code", data)],
  result: NULL_JSON,
  handler: async ({ controls }, [account, code]) => {
    await controls.decree(new Map([[account, { code }]]));
    return null;
  },
});
