/**
 * Closes one block, or as many as an options object says, and shows them.
 * @module
 */
import { formatBlock, type JsonObject } from "../../format.ts";
import { listJson } from "../../json_schema.ts";
import { MAX_DETAILED_BLOCKS } from "../../limits.ts";
import { chainMethod } from "../../method.ts";
import { mineBlocks, mineOptions } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `anvil_mine_detailed`: closes one block, or as many as an options object says, and shows them.
 */
export const anvilMineDetailed = chainMethod({
  name: "anvil_mine_detailed",
  aliases: ["evm_mine_detailed"],
  summary: "Closes one block, or as many as an options object says, and shows them",
  isDev: true,
  params: [param("options", mineOptions)],
  result: listJson({ type: "object" }),
  handler: async (context, [{ blocks, timestamp }], caller) => {
    const { chain } = context;
    const before = await chain.numberOf("latest");
    const maxBlocks = MAX_DETAILED_BLOCKS;
    await mineBlocks(context, blocks, { timestampSec: timestamp, caller, maxBlocks });
    const shown: JsonObject[] = [];
    for (let number = before + 1n; number <= before + blocks; number++) {
      const block = await chain.block(number);
      if (block !== undefined) shown.push(formatBlock(block, "full"));
    }
    return shown;
  },
});
