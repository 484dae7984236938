/**
 * Asks for notifications on this WebSocket.
 * @module
 */
import { TEXT_JSON } from "../../json_schema.ts";
import { ANY_LOG, type LogFilter, logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { oneOf, optional, param, type Schema, wrong } from "../../schema.ts";
import { notificationsUnsupported } from "../../subscriptions.ts";

const DETAIL = "argument 1 (filter)";

/** A filter of logs; of pending transactions, whether all of them is wanted and not the hash. */
const subscriptionDetail: Schema<boolean | LogFilter> = {
  json: { oneOf: [{ type: "boolean" }, logFilter.json ?? {}] },
  parse: (value, path) => typeof value === "boolean" ? value : logFilter.parse(value, path),
};

/** `eth_subscribe`. */
export const ethSubscribe = chainMethod({
  name: "eth_subscribe",
  isRead: false,
  summary: "Asks for notifications on this WebSocket",
  params: [
    param("subscription", oneOf(["newHeads", "logs", "newPendingTransactions", "syncing"])),
    param("filter", optional(subscriptionDetail)),
  ],
  result: TEXT_JSON,
  handler: (_context, [kind, detail], { session }) => {
    if (session === undefined) throw notificationsUnsupported();
    const wantsFull = typeof detail === "boolean";
    if (kind === "newPendingTransactions") {
      if (detail !== undefined && !wantsFull) throw wrong(DETAIL, "true or false", {});
      return session.subscribe({ kind, isFull: detail ?? false });
    }
    if (kind === "syncing") return session.subscribe({ kind });
    if (kind === "newHeads") return session.subscribe({ kind });
    if (wantsFull) throw wrong(DETAIL, "a filter object", detail);
    return session.subscribe({ kind, pattern: detail?.pattern ?? ANY_LOG });
  },
});
