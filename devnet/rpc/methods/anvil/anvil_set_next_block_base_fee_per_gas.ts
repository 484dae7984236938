/**
 * Chooses the base fee of the next block.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { param, quantityOrNumber } from "../../schema.ts";

/** `anvil_setNextBlockBaseFeePerGas`: chooses the base fee of the next block, in wei. */
export const anvilSetNextBlockBaseFeePerGas = controlMethod({
  name: "anvil_setNextBlockBaseFeePerGas",
  // 128 bits, so that no product with gas leaves 256.
  params: [param("baseFeePerGas", quantityOrNumber(128))],
  handler: ({ controls }, [baseFeePerGasWei]) => {
    controls.setNextBaseFeePerGasWei(baseFeePerGasWei);
    return null;
  },
});
