/**
 * Takes a waiting transaction out of the pool; its hash if it was there.
 * @module
 */
import { HASH_JSON, nullableJson } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/**
 * `anvil_dropTransaction`: takes a waiting transaction out of the pool; its hash if it was there.
 */
export const anvilDropTransaction = controlMethod({
  name: "anvil_dropTransaction",
  aliases: ["hardhat_dropTransaction"],
  summary: "Takes a waiting transaction out of the pool; its hash if it was there",
  params: [param("transactionHash", hash)],
  result: nullableJson(HASH_JSON),
  handler: async ({ controls }, [transactionHash]) =>
    await controls.dropTransaction(transactionHash) ? transactionHash : null,
});
