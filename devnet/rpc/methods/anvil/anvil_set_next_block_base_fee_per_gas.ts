/**
 * Chooses the base fee of the next block, in wei.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_setNextBlockBaseFeePerGas`: chooses the base fee of the next block, in wei; 128 bits, so
 * that no product with gas leaves 256.
 */
export const anvilSetNextBlockBaseFeePerGas = controlMethod({
  name: "anvil_setNextBlockBaseFeePerGas",
  aliases: ["hardhat_setNextBlockBaseFeePerGas"],
  summary: "Chooses the base fee of the next block, in wei",
  params: [param("baseFeePerGas", anyQuantity(128))],
  result: NULL_JSON,
  handler: async ({ controls }, [baseFeePerGasWei]) => {
    await controls.wish({ baseFeePerGasWei });
    return null;
  },
});
