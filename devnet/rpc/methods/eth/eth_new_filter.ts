/**
 * Installs a filter of logs to be polled.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `eth_newFilter`. */
export const ethNewFilter = chainMethod({
  name: "eth_newFilter",
  isRead: false,
  summary: "Installs a filter of logs to be polled",
  params: [param("filter", logFilter)],
  result: TEXT_JSON,
  handler: async ({ filters }, [filter]) => await filters.installLogs(filter),
});
