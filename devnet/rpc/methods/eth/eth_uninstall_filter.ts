/**
 * Removes a filter; whether there was one.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_uninstallFilter`. */
export const ethUninstallFilter = chainMethod({
  name: "eth_uninstallFilter",
  isRead: false,
  summary: "Removes a filter; whether there was one",
  params: [param("filterId", text(100))],
  result: BOOLEAN_JSON,
  handler: ({ filters }, [filterId]) => filters.uninstall(filterId),
});
