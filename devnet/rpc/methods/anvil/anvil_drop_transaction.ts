/**
 * Takes a waiting transaction out of the pool.
 * @module
 */
import { controlMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `anvil_dropTransaction`: takes a waiting transaction out of the pool; its hash if it was there. */
export const anvilDropTransaction = controlMethod({
  name: "anvil_dropTransaction",
  params: [param("transactionHash", hash)],
  handler: async ({ controls }, [transactionHash]) =>
    await controls.dropTransaction(transactionHash) ? transactionHash : null,
});
