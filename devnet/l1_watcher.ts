/**
 * Learns that somebody else's L1 has a new head.
 *
 * Owns the interval at which it is asked, also while it does not answer. Does not own reading events,
 * which `sync` does.
 * @module
 */
import type { L1Client } from "../core/l1/l1_client.ts";
import { pause } from "./pause.ts";

/** What watching needs. */
export interface L1WatcherOptions {
  readonly client: Pick<L1Client, "block">;
  /** Milliseconds between two questions; several blocks of an L1 in between are one piece of news. */
  readonly pollMs?: number;
}

/** A watcher at work. */
export interface L1Watcher {
  /** Calls `listener` at a new head, when the L1 falls silent, and when it answers again. */
  subscribe(listener: () => void): () => void;
  /** Settles once the last question is answered or given up. */
  stop(): Promise<void>;
}

const POLL_MS = 500;
/** An L1 without news is asked less and less often, up to this: providers count questions. */
const MAX_QUIET_POLL_MS = 2_000;
/** The same for one that is away. */
const MAX_SILENT_POLL_MS = 8_000;

/** Watches until it is stopped. */
export function startL1Watcher({ client, pollMs = POLL_MS }: L1WatcherOptions): L1Watcher {
  const stopping = new AbortController();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of listeners) listener();
  };
  const watch = async (): Promise<void> => {
    let lastHash: string | undefined;
    let isAway = false;
    let waitMs = pollMs;
    while (!stopping.signal.aborted) {
      await pause(waitMs, stopping.signal);
      if (stopping.signal.aborted) return;
      try {
        const head = await client.block("latest");
        const isNews = isAway || head?.hash !== lastHash;
        waitMs = isNews ? pollMs : Math.min(2 * waitMs, MAX_QUIET_POLL_MS);
        lastHash = head?.hash;
        isAway = false;
        if (isNews) tell();
      } catch {
        waitMs = isAway ? Math.min(2 * waitMs, MAX_SILENT_POLL_MS) : pollMs;
        // Who is told asks the L1 too, and says what is wrong.
        if (!isAway) tell();
        isAway = true;
      }
    }
  };
  const running = watch();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
