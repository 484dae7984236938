/**
 * Installs a filter of logs to be polled.
 * @module
 */
import { logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `eth_newFilter`: installs a filter of logs to be polled. */
export const ethNewFilter = chainMethod({
  name: "eth_newFilter",
  params: [param("filter", logFilter)],
  handler: async ({ filters }, [filter]) => await filters.installLogs(filter),
});
