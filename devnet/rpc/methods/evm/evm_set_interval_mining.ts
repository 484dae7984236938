/**
 * Mines a block every so many seconds; 0 mines on command only.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_setIntervalMining`: mines a block every so many seconds, as with anvil (Hardhat counts
 * milliseconds); 0 mines on command only.
 */
export const evmSetIntervalMining = controlMethod({
  name: "evm_setIntervalMining",
  aliases: ["anvil_setIntervalMining"],
  summary: "Mines a block every so many seconds; 0 mines on command only",
  params: [param("seconds", secondsSchema)],
  result: NULL_JSON,
  handler: async ({ controls }, [seconds]) => {
    await controls.setIntervalMining(seconds);
    return null;
  },
});
