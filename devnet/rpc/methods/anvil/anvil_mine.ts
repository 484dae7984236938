/**
 * Closes some blocks at once, one when no number is given.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { mineBlocks, secondsSchema } from "../../mining.ts";
import { anyQuantity, param, withDefault } from "../../schema.ts";

/** `anvil_mine`: closes some blocks at once, one when no number is given. */
export const anvilMine = chainMethod({
  name: "anvil_mine",
  aliases: ["hardhat_mine"],
  summary: "Closes some blocks at once, one when no number is given",
  isDev: true,
  params: [
    param("blocks", withDefault(anyQuantity(), 1n)),
    param("interval", withDefault(secondsSchema, 0n)),
  ],
  result: NULL_JSON,
  handler: async (context, [blocks, intervalSec], caller) => {
    await mineBlocks(context, blocks, { intervalSec, caller });
    return null;
  },
});
