/**
 * What a filter has not told yet.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_getFilterChanges`: what a filter has not told yet. */
export const ethGetFilterChanges = chainMethod({
  name: "eth_getFilterChanges",
  params: [param("filterId", text(100))],
  handler: async ({ filters }, [filterId]) => await filters.changes(filterId),
});
