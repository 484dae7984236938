/**
 * Closes some blocks at once, one when no number is given.
 * @module
 */
import { chainMethod } from "../method.ts";
import { mineBlocks, secondsSchema } from "../mining.ts";
import { param, quantityOrNumber, withDefault } from "../schema.ts";

/** `hardhat_mine`: closes some blocks at once, one when no number is given. */
export const hardhatMine = chainMethod({
  name: "hardhat_mine",
  params: [
    param("blocks", withDefault(quantityOrNumber(), 1n)),
    param("interval", withDefault(secondsSchema, 0n)),
  ],
  handler: async ({ chain }, [blocks, intervalSec]) => {
    await mineBlocks(chain, blocks, { intervalSec });
    return null;
  },
});
