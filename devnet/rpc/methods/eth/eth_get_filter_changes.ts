/**
 * What a filter has not told yet.
 * @module
 */
import { LOG_JSON, TRANSACTION_JSON } from "../../chain_json.ts";
import { HASH_JSON, listJson } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";

/** `eth_getFilterChanges`. */
export const ethGetFilterChanges = chainMethod({
  name: "eth_getFilterChanges",
  isRead: false,
  summary: "What a filter has not told yet",
  params: [param("filterId", text(100))],
  result: listJson({ anyOf: [HASH_JSON, LOG_JSON, TRANSACTION_JSON] }),
  handler: async ({ filters }, [filterId]) => await filters.changes(filterId),
});
