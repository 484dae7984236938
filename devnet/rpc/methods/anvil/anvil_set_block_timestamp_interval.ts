/**
 * Puts each block exactly so many seconds after its parent.
 * @module
 */
import { NULL_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";
import { secondsSchema } from "../../mining.ts";
import { param, wrong } from "../../schema.ts";

/** `anvil_setBlockTimestampInterval`: puts each block exactly so many seconds after its parent. */
export const anvilSetBlockTimestampInterval = controlMethod({
  name: "anvil_setBlockTimestampInterval",
  summary: "Puts each block exactly so many seconds after its parent",
  params: [param("seconds", secondsSchema)],
  result: NULL_JSON,
  handler: ({ controls }, [seconds]) => {
    if (seconds === 0n) throw wrong("argument 0 (seconds)", "at least 1: timestamps only grow", 0);
    controls.setBlockTimestampInterval(seconds);
    return null;
  },
});
