/**
 * Drops the latest blocks, one when no number is given.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { anyQuantity, param, withDefault } from "../../schema.ts";

/** `anvil_rollback`: drops the latest blocks, one when no number is given. */
export const anvilRollback = controlMethod({
  name: "anvil_rollback",
  aliases: ["hardhat_rollback"],
  summary: "Drops the latest blocks, one when no number is given",
  params: [param("depth", withDefault(anyQuantity(), 1n))],
  result: NULL_JSON,
  handler: async ({ controls }, [depth]) => {
    await controls.rollback(depth);
    return null;
  },
});
