/**
 * Ends notifications; whether there were any.
 * @module
 */
import { chainMethod } from "../../method.ts";
import { param, text } from "../../schema.ts";
import { notificationsUnsupported } from "../../subscriptions.ts";

/** `eth_unsubscribe`: ends notifications; whether there were any. */
export const ethUnsubscribe = chainMethod({
  name: "eth_unsubscribe",
  params: [param("subscriptionId", text(100))],
  handler: (_context, [subscriptionId], session) => {
    if (session === undefined) throw notificationsUnsupported();
    return session.unsubscribe(subscriptionId);
  },
});
