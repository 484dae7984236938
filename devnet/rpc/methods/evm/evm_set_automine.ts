/**
 * Turns mining at each transaction on or off.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { boolean, param } from "../../schema.ts";

/** `evm_setAutomine`: turns mining at each transaction on or off. */
export const evmSetAutomine = controlMethod({
  name: "evm_setAutomine",
  aliases: ["anvil_setAutomine", "hardhat_setAutomine"],
  summary: "Turns mining at each transaction on or off",
  params: [param("enabled", boolean)],
  result: NULL_JSON,
  handler: async ({ controls }, [enabled]) => {
    await controls.setAutomine(enabled);
    return null;
  },
});
