/**
 * Seconds between blocks, or null without an interval.
 * @module
 */
import { nullableJson } from "../../json_schema.ts";
import { controlMethod } from "../../method.ts";

/** `anvil_getIntervalMining`: seconds between blocks, or null without an interval. */
export const anvilGetIntervalMining = controlMethod({
  name: "anvil_getIntervalMining",
  summary: "Seconds between blocks, or null without an interval",
  params: [],
  result: nullableJson({ type: "integer" }),
  handler: ({ controls }) => {
    const seconds = controls.intervalMiningSec();
    return seconds === undefined ? null : Number(seconds);
  },
});
