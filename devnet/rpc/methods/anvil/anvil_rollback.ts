/**
 * Drops the latest blocks, one when no number is given.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { param, quantityOrNumber, withDefault } from "../../schema.ts";

/** `anvil_rollback`: drops the latest blocks, one when no number is given. */
export const anvilRollback = controlMethod({
  name: "anvil_rollback",
  params: [param("depth", withDefault(quantityOrNumber(), 1n))],
  handler: async ({ controls }, [depth]) => {
    await controls.rollback(depth);
    return null;
  },
});
