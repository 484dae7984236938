/**
 * Removes a filter; whether there was one.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_uninstallFilter`: removes a filter; whether there was one. */
export const ethUninstallFilter = chainMethod({
  name: "eth_uninstallFilter",
  params: [param("filterId", text(100))],
  handler: ({ filters }, [filterId]) => filters.uninstall(filterId),
});
