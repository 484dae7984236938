/**
 * Closes some blocks at once, one when no number is given.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { mineBlocks, secondsSchema } from "../../mining.ts";
import { param, quantityOrNumber, withDefault } from "../../schema.ts";

/** `anvil_mine`: closes some blocks at once, one when no number is given. */
export const anvilMine = chainMethod({
  name: "anvil_mine",
  aliases: ["hardhat_mine"],
  isDev: true,
  params: [
    param("blocks", withDefault(quantityOrNumber(), 1n)),
    param("interval", withDefault(secondsSchema, 0n)),
  ],
  handler: async ({ chain }, [blocks, intervalSec]) => {
    await mineBlocks(chain, blocks, { intervalSec });
    return null;
  },
});
