/**
 * Everything that a filter of logs selects.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_getFilterLogs`: everything that a filter of logs selects. */
export const ethGetFilterLogs = chainMethod({
  name: "eth_getFilterLogs",
  params: [param("filterId", text(100))],
  handler: async ({ filters }, [filterId]) => await filters.logs(filterId),
});
