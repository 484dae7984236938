/**
 * Chooses who takes the tips from the next block on.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { address, param } from "../../schema.ts";

/** `anvil_setCoinbase`: chooses who takes the tips from the next block on. */
export const anvilSetCoinbase = controlMethod({
  name: "anvil_setCoinbase",
  aliases: ["hardhat_setCoinbase"],
  summary: "Chooses who takes the tips from the next block on",
  params: [param("address", address)],
  result: NULL_JSON,
  handler: async ({ controls }, [coinbase]) => {
    await controls.wish({ coinbase });
    return null;
  },
});
