/**
 * Subscriptions of WebSockets: `eth_subscribe` and what follows it.
 *
 * Owns who is told of a new block, in which order. Does not own the socket (`server.ts`).
 * @module
 */
import type { Hex } from "../../core/primitives/hex.ts";
import type { Log } from "../../core/primitives/ports.ts";
import type { ChainBackend, ChainBlock } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatHeader, formatQuantity } from "./format.ts";
import { bloomMayMatch, findLogsOfBlock, type LogPattern } from "./logs.ts";
import { MAX_SUBSCRIPTIONS_PER_SOCKET } from "./limits.ts";

/** What can be subscribed to. */
export type SubscriptionTopic =
  | { readonly kind: "newHeads" }
  | { readonly kind: "logs"; readonly pattern: LogPattern };

/** Subscriptions of one WebSocket. */
export interface RpcSession {
  /** @throws RpcError when the socket has too many. */
  subscribe(topic: SubscriptionTopic): Hex;
  /** Whether there was such a subscription. */
  unsubscribe(id: string): boolean;
  /**
   * Tells of the subscriptions made so far. They are silent until then, so that a client reads the
   * answer to `eth_subscribe` before the first notification.
   */
  activate(): void;
  close(): void;
}

/** All sessions over one chain. */
export interface SubscriptionHub {
  /** A session whose notifications go through `send`. */
  open(send: (notification: unknown) => void): RpcSession;
  /** Stops listening and waits for what is being told. */
  close(): Promise<void>;
}

interface Subscription {
  readonly id: Hex;
  readonly topic: SubscriptionTopic;
  readonly send: (notification: unknown) => void;
  active: boolean;
}

/** A hub that listens to `chain` only while there are subscriptions. */
export function createSubscriptionHub(chain: ChainBackend, log: Log): SubscriptionHub {
  const subscriptionsById = new Map<string, Subscription>();
  let stopListening: (() => void) | undefined;
  let subscribedCount = 0;
  // Blocks are told one after another, since reading their receipts may take a while.
  let telling: Promise<void> = Promise.resolve();

  const onBlock = (block: ChainBlock): void => {
    // Who subscribes later must not hear of this block.
    const listeners = [...subscriptionsById.values()].filter(({ active }) => active);
    telling = telling.then(() => tellBlock(chain, block, listeners, subscriptionsById)).catch(
      (error: unknown) => {
        log.warn("Could not tell subscribers of a block", {
          layer: chain.layer,
          blockNumber: block.header.number,
          error: error instanceof Error ? error.message : String(error),
        });
      },
    );
  };
  const remove = (id: string): boolean => {
    const removed = subscriptionsById.delete(id);
    if (subscriptionsById.size === 0) {
      stopListening?.();
      stopListening = undefined;
    }
    return removed;
  };

  return {
    open: (send) => {
      const own = new Set<string>();
      return {
        subscribe: (topic) => {
          if (own.size >= MAX_SUBSCRIPTIONS_PER_SOCKET) throw tooManySubscriptions();
          const id = formatQuantity(++subscribedCount);
          subscriptionsById.set(id, { id, topic, send, active: false });
          own.add(id);
          stopListening ??= chain.onBlock(onBlock);
          return id;
        },
        unsubscribe: (id) => own.delete(id) && remove(id),
        activate: () => {
          for (const id of own) {
            const subscription = subscriptionsById.get(id);
            if (subscription !== undefined) subscription.active = true;
          }
        },
        close: () => {
          for (const id of own) remove(id);
          own.clear();
        },
      };
    },
    close: async () => {
      for (const id of [...subscriptionsById.keys()]) remove(id);
      await telling;
    },
  };
}

async function tellBlock(
  chain: ChainBackend,
  block: ChainBlock,
  listeners: readonly Subscription[],
  current: ReadonlyMap<string, Subscription>,
): Promise<void> {
  for (const { id, topic, send } of listeners) {
    const results = topic.kind === "newHeads"
      ? [formatHeader(block.header)]
      : bloomMayMatch(block.header.logsBloom, topic.pattern)
      ? await findLogsOfBlock(chain, topic.pattern, block.header)
      : [];
    for (const result of results) {
      if (!current.has(id)) break;
      send({ jsonrpc: "2.0", method: "eth_subscription", params: { subscription: id, result } });
    }
  }
}

/** geth's answer to a subscription where nothing can be pushed. */
export function notificationsUnsupported(): RpcError {
  return refusal(
    RPC_CODES.methodNotFound,
    "NOTIFICATIONS_UNSUPPORTED",
    "notifications not supported",
    "Connect with a WebSocket to the same port, or poll a filter of eth_newFilter.",
  );
}

function tooManySubscriptions(): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "SUBSCRIPTIONS_TOO_MANY",
    `too many subscriptions: at most ${MAX_SUBSCRIPTIONS_PER_SOCKET} for one connection`,
    "End some with eth_unsubscribe, or open another connection.",
  );
}
