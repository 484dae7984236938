/**
 * Closes one block, or as many as an options object says.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { mineBlocks, mineOptions } from "../../mining.ts";
import { param } from "../../schema.ts";

/** `evm_mine`: closes one block, or as many as an options object says. */
export const evmMine = chainMethod({
  name: "evm_mine",
  isDev: true,
  params: [param("options", mineOptions)],
  handler: async ({ chain }, [{ blocks, timestamp }]) => {
    await mineBlocks(chain, blocks, { timestampSec: timestamp });
    return "0x0";
  },
});
