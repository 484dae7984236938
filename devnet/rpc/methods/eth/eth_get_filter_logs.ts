/**
 * Everything that a filter of logs selects.
 * @module
 */
import { LOG_JSON } from "../../chain_json.ts";
import { listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_getFilterLogs`. */
export const ethGetFilterLogs = chainMethod({
  name: "eth_getFilterLogs",
  summary: "Everything that a filter of logs selects",
  params: [param("filterId", text(100))],
  result: listJson(LOG_JSON),
  handler: async ({ filters }, [filterId]) => await filters.logs(filterId),
});
