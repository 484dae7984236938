/**
 * Subscriptions of WebSockets: `eth_subscribe` and what follows it.
 *
 * Owns who is told of what, in which order: blocks that were taken back before those that took their
 * place. Does not own the socket (`socket_server.ts`).
 * @module
 */
import type { Hash32, Hex } from "../../core/primitives/hex.ts";
import type { Log } from "../../core/primitives/ports.ts";
import type { ChainBackend, ChainBlock, ChainTransaction, DroppedBlock } from "./chain.ts";
import { refusal, RPC_CODES, type RpcError } from "./errors.ts";
import { formatHeader, formatTransaction } from "./format.ts";
import { bloomMayMatch, findLogsOfBlock, type LogPattern, removedLogs } from "./logs.ts";
import { MAX_SUBSCRIPTIONS_PER_SOCKET, type RpcLimits } from "./limits.ts";
import { drawId } from "./random_id.ts";

/** What can be subscribed to. */
export type SubscriptionTopic =
  | { readonly kind: "newHeads" }
  | { readonly kind: "logs"; readonly pattern: LogPattern }
  /** Transactions that enter the pool: their hashes, or all of them. */
  | { readonly kind: "newPendingTransactions"; readonly isFull: boolean }
  /** Told once that nothing is behind, which never changes. */
  | { readonly kind: "syncing" };

/** Subscriptions of one WebSocket. */
export interface RpcSession {
  /** @throws RpcError when the socket, or the port, has too many. */
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
  /** How many subscriptions there are. */
  size(): number;
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
export function createSubscriptionHub(
  chain: ChainBackend,
  log: Log,
  limits: Pick<RpcLimits, "maxSubscriptions">,
): SubscriptionHub {
  const subscriptionsById = new Map<string, Subscription>();
  let stopListening: (() => void) | undefined;
  // One event after another, since reading receipts may take a while.
  let telling: Promise<void> = Promise.resolve();

  /** What `resultsOf` finds for each topic goes to those who are subscribed now. */
  const tell = (
    resultsOf: (topic: SubscriptionTopic) => readonly unknown[] | Promise<readonly unknown[]>,
  ): void => {
    // Who subscribes later must not hear of it.
    const listeners = [...subscriptionsById.values()].filter(({ active }) => active);
    telling = telling.then(async () => {
      for (const { id, topic, send } of listeners) {
        for (const result of await resultsOf(topic)) {
          if (!subscriptionsById.has(id)) break;
          send(notification(id, result));
        }
      }
    }).catch((error: unknown) => {
      log.warn("Could not tell subscribers", {
        layer: chain.layer,
        error: error instanceof Error ? error.message : String(error),
      });
    });
  };
  const listen = (): () => void => {
    const stops = [
      chain.onBlock((block) => tell((topic) => resultsOfBlock(chain, block, topic))),
      chain.onReorg((dropped) => tell((topic) => resultsOfReorg(dropped, topic))),
      chain.onPending((transaction) => tell((topic) => resultsOfPending(transaction, topic))),
    ];
    return () => {
      for (const stop of stops) stop();
    };
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
          const isFull = subscriptionsById.size >= limits.maxSubscriptions;
          if (isFull || own.size >= MAX_SUBSCRIPTIONS_PER_SOCKET) {
            throw tooManySubscriptions(isFull ? limits.maxSubscriptions : undefined);
          }
          const id = drawId();
          subscriptionsById.set(id, { id, topic, send, active: false });
          own.add(id);
          stopListening ??= listen();
          return id;
        },
        unsubscribe: (id) => own.delete(id) && remove(id),
        activate: () => {
          for (const id of own) {
            const subscription = subscriptionsById.get(id);
            if (subscription === undefined || subscription.active) continue;
            subscription.active = true;
            if (subscription.topic.kind === "syncing") send(notification(id, false));
          }
        },
        close: () => {
          for (const id of own) remove(id);
          own.clear();
        },
      };
    },
    size: () => subscriptionsById.size,
    close: async () => {
      for (const id of [...subscriptionsById.keys()]) remove(id);
      await telling;
    },
  };
}

function notification(subscription: string, result: unknown): unknown {
  return { jsonrpc: "2.0", method: "eth_subscription", params: { subscription, result } };
}

async function resultsOfBlock(
  chain: ChainBackend,
  { header }: ChainBlock,
  topic: SubscriptionTopic,
): Promise<readonly unknown[]> {
  if (topic.kind === "newHeads") return [formatHeader(header)];
  if (topic.kind !== "logs" || !bloomMayMatch(header.logsBloom, topic.pattern)) return [];
  return await findLogsOfBlock(chain, topic.pattern, header);
}

function resultsOfReorg(
  dropped: readonly DroppedBlock[],
  topic: SubscriptionTopic,
): readonly unknown[] {
  return topic.kind === "logs" ? removedLogs(dropped, topic.pattern) : [];
}

function resultsOfPending(
  transaction: ChainTransaction,
  topic: SubscriptionTopic,
): readonly (Hash32 | ReturnType<typeof formatTransaction>)[] {
  if (topic.kind !== "newPendingTransactions") return [];
  return [topic.isFull ? formatTransaction(transaction) : transaction.hash];
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

function tooManySubscriptions(portMaximum: number | undefined): RpcError {
  const most = portMaximum === undefined
    ? `${MAX_SUBSCRIPTIONS_PER_SOCKET} for one connection`
    : `${portMaximum} for all connections`;
  return refusal(
    RPC_CODES.serverError,
    "SUBSCRIPTIONS_TOO_MANY",
    `too many subscriptions: at most ${most}`,
    portMaximum === undefined
      ? "End some with eth_unsubscribe, or open another connection."
      : "End some with eth_unsubscribe, or poll a filter of eth_newFilter.",
  );
}
