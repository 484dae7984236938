/**
 * Chooses the gas limit of blocks from the next one on.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param } from "../../schema.ts";

/** `anvil_setBlockGasLimit`: chooses the gas limit of blocks from the next one on. */
export const anvilSetBlockGasLimit = controlMethod({
  name: "anvil_setBlockGasLimit",
  aliases: ["evm_setBlockGasLimit"],
  summary: "Chooses the gas limit of blocks from the next one on",
  params: [param("gasLimit", anyQuantity(63))],
  result: BOOLEAN_JSON,
  handler: async ({ controls }, [gasLimit]) => {
    await controls.wish({ gasLimit });
    return true;
  },
});
