/**
 * Turns mining at each transaction on or off.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { boolean, param } from "../../schema.ts";

/** `evm_setAutomine`: turns mining at each transaction on or off. */
export const evmSetAutomine = controlMethod({
  name: "evm_setAutomine",
  params: [param("enabled", boolean)],
  handler: async ({ controls }, [enabled]) => {
    await controls.setAutomine(enabled);
    return null;
  },
});
