/**
 * Logs that a filter selects, oldest first.
 * @module
 */
import { LOG_JSON } from "../../chain_json.ts";
import { listJson } from "../../json_schema.ts";
import { jsonText } from "../../json_text.ts";
import { findLogsText, logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `eth_getLogs`. */
export const ethGetLogs = chainMethod({
  name: "eth_getLogs",
  summary: "Logs that a filter selects, oldest first",
  params: [param("filter", logFilter)],
  result: listJson(LOG_JSON),
  handler: async ({ chain }, [filter]) => jsonText(...await findLogsText(chain, filter)),
});
