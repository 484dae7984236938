/**
 * Logs that a filter selects, oldest first.
 * @module
 */
import { findLogs, logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { param } from "../../schema.ts";

/** `eth_getLogs`: logs that a filter selects, oldest first. */
export const ethGetLogs = chainMethod({
  name: "eth_getLogs",
  params: [param("filter", logFilter)],
  handler: async ({ chain }, [filter]) => await findLogs(chain, filter),
});
