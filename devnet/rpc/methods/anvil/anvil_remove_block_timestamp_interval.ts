/**
 * Lets blocks have the time of the clock again; whether there was an interval.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";

/**
 * `anvil_removeBlockTimestampInterval`: lets blocks have the time of the clock again; whether there
 * was an interval.
 */
export const anvilRemoveBlockTimestampInterval = controlMethod({
  name: "anvil_removeBlockTimestampInterval",
  aliases: ["hardhat_removeBlockTimestampInterval"],
  summary: "Lets blocks have the time of the clock again; whether there was an interval",
  params: [],
  result: BOOLEAN_JSON,
  handler: ({ controls }) => controls.setBlockTimestampInterval(undefined),
});
