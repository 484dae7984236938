/**
 * Chooses the timestamp of the next block, in seconds.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_setNextBlockTimestamp`: chooses the timestamp of the next block, in seconds. It must be
 * later than that of the latest block, where anvil takes the same one again.
 */
export const evmSetNextBlockTimestamp = chainMethod({
  name: "evm_setNextBlockTimestamp",
  aliases: ["anvil_setNextBlockTimestamp"],
  summary: "Chooses the timestamp of the next block, in seconds",
  isDev: true,
  params: [param("timestamp", secondsSchema)],
  result: NULL_JSON,
  handler: async ({ chain }, [timestampSec]) => {
    await chain.setNextBlockTimestamp(timestampSec);
    return null;
  },
});
