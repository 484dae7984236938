/**
 * Asks for notifications on this WebSocket.
 * @module
 */
import { ANY_LOG, logFilter } from "../../logs.ts";
import { chainMethod } from "../../method.ts";
import { oneOf, optional, param } from "../../schema.ts";
import { notificationsUnsupported } from "../../subscriptions.ts";

/** `eth_subscribe`: asks for notifications on this WebSocket. */
export const ethSubscribe = chainMethod({
  name: "eth_subscribe",
  params: [
    param("subscription", oneOf(["newHeads", "logs"])),
    param("filter", optional(logFilter)),
  ],
  handler: (_context, [kind, filter], session) => {
    if (session === undefined) throw notificationsUnsupported();
    if (kind === "newHeads") return session.subscribe({ kind });
    return session.subscribe({ kind, pattern: filter?.pattern ?? ANY_LOG });
  },
});
