/**
 * Closes some blocks at once, one when no number is given.
 * @module
 */
import { chainMethod } from "../method.ts";
import { mineBlocks, noInterval } from "../mining.ts";
import { param, quantityOrNumber, withDefault } from "../schema.ts";

/** `hardhat_mine`: closes some blocks at once, one when no number is given. */
export const hardhatMine = chainMethod({
  name: "hardhat_mine",
  params: [
    param("blocks", withDefault(quantityOrNumber(), 1n)),
    param("interval", noInterval),
  ],
  handler: async ({ chain }, [blocks]) => {
    await mineBlocks(chain, blocks);
    return null;
  },
});
