/**
 * Takes all waiting transactions of an account out of the pool.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `anvil_removePoolTransactions`: takes all waiting transactions of an account out of the pool. */
export const anvilRemovePoolTransactions = controlMethod({
  name: "anvil_removePoolTransactions",
  aliases: ["hardhat_removePoolTransactions"],
  summary: "Takes all waiting transactions of an account out of the pool",
  params: [param("address", address)],
  result: NULL_JSON,
  handler: async ({ controls }, [account]) => {
    await controls.dropTransactions(account);
    return null;
  },
});
