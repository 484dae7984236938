/**
 * Ends notifications; whether there were any.
 * @module
 */
import { BOOLEAN_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";
import { notificationsUnsupported } from "../../subscriptions.ts";

/** `eth_unsubscribe`. */
export const ethUnsubscribe = chainMethod({
  name: "eth_unsubscribe",
  isRead: false,
  summary: "Ends notifications; whether there were any",
  params: [param("subscriptionId", text(100))],
  result: BOOLEAN_JSON,
  handler: (_context, [subscriptionId], { session }) => {
    if (session === undefined) throw notificationsUnsupported();
    return session.unsubscribe(subscriptionId);
  },
});
