/**
 * Closes one block, or as many as an options object says.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { mineBlocks, mineOptions } from "../../mining.ts";
import { param } from "../../schema.ts";

/** `evm_mine`: closes one block, or as many as an options object says. */
export const evmMine = chainMethod({
  name: "evm_mine",
  summary: "Closes one block, or as many as an options object says",
  isDev: true,
  params: [param("options", mineOptions)],
  result: TEXT_JSON,
  handler: async (context, [{ blocks, timestamp }], caller) => {
    await mineBlocks(context, blocks, { timestampSec: timestamp, caller });
    return "0x0";
  },
});
