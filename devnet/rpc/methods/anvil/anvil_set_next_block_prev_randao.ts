/**
 * Chooses what PREVRANDAO answers in the next block.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { hash, param } from "../../schema.ts";

/** `anvil_setNextBlockPrevRandao`: chooses what PREVRANDAO answers in the next block. */
export const anvilSetNextBlockPrevRandao = controlMethod({
  name: "anvil_setNextBlockPrevRandao",
  aliases: ["hardhat_setPrevRandao"],
  summary: "Chooses what PREVRANDAO answers in the next block",
  params: [param("prevRandao", hash)],
  result: NULL_JSON,
  handler: async ({ controls }, [prevRandao]) => {
    await controls.wish({ prevRandao });
    return null;
  },
});
