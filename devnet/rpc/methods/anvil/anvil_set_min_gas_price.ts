/**
 * Refused: a chain with EIP-1559 has a base fee in its place.
 * @module
 */
import { invalidParams } from "../../errors.ts";
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param } from "../../schema.ts";

/**
 * `anvil_setMinGasPrice`: refused, as anvil and Hardhat refuse it: a chain with EIP-1559 has a base
 * fee in its place.
 */
export const anvilSetMinGasPrice = controlMethod({
  name: "anvil_setMinGasPrice",
  aliases: ["hardhat_setMinGasPrice"],
  summary: "Refused: a chain with EIP-1559 has a base fee in its place",
  params: [param("gasPrice", anyQuantity(256))],
  result: NULL_JSON,
  handler: () => {
    throw invalidParams(
      "anvil_setMinGasPrice is not supported when EIP-1559 is active",
      "Use anvil_setNextBlockBaseFeePerGas.",
    );
  },
});
