/**
 * Takes both layers back to a snapshot, which is used up; false for an unknown one.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { devnetMethod } from "../../method.ts";
import { anyQuantity, param } from "../../schema.ts";

/**
 * `evm_revert`: takes both layers back to a snapshot, which is used up; false for an unknown one.
 */
export const evmRevert = devnetMethod({
  name: "evm_revert",
  aliases: ["anvil_revert"],
  summary: "Takes both layers back to a snapshot, which is used up; false for an unknown one",
  params: [param("id", anyQuantity())],
  result: BOOLEAN_JSON,
  handler: async ({ devnet }, [id]) => await devnet.revert(id),
});
