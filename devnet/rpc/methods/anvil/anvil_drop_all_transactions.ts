/**
 * Empties the pool.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";

/** `anvil_dropAllTransactions`: empties the pool. */
export const anvilDropAllTransactions = controlMethod({
  name: "anvil_dropAllTransactions",
  aliases: ["hardhat_dropAllTransactions"],
  summary: "Empties the pool",
  params: [],
  result: NULL_JSON,
  handler: async ({ controls }) => {
    await controls.dropTransactions();
    return null;
  },
});
