/**
 * Chooses the timestamp of the next block.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param } from "../../schema.ts";

/**
 * `evm_setNextBlockTimestamp`: chooses the timestamp of the next block, in seconds. It must be later
 * than that of the latest block, where anvil takes the same one again.
 */
export const evmSetNextBlockTimestamp = chainMethod({
  name: "evm_setNextBlockTimestamp",
  isDev: true,
  params: [param("timestamp", secondsSchema)],
  handler: async ({ chain }, [timestampSec]) => {
    await chain.setNextBlockTimestamp(timestampSec);
    return null;
  },
});
