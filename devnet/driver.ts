/**
 * What makes a devnet move by itself: it steps the same stages that the commands step.
 *
 * Owns when: after a block, and on an interval when one is set. Does not own any step. A step that
 * fails is logged with its mend and tried again at the next occasion.
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { Log } from "../core/primitives/ports.ts";
import type { BlockFeed } from "./l2_chain.ts";

/** How a driver paces the chain. */
export interface DriverOptions {
  readonly engine: LocalEngine;
  readonly feed: BlockFeed;
  readonly log: Log;
  /** Milliseconds between blocks; without it each transaction makes one. */
  readonly blockTimeMs?: number;
}

/** A driver at work. */
export interface Driver {
  /** Settles after the round that is under way. */
  stop(): Promise<void>;
}

/** Pause before a failed round is tried again. */
const RETRY_MS = 1_000;
/** A burst of transactions is over, and becomes one batch, when no block came for this long. */
const QUIET_MS = 40;
/** How long a burst may keep its first transaction from L1. */
const MAX_BURST_MS = 500;
/** How often an interval chain looks whether its batch is due. */
const LOOK_MS = 1_000;

/** Drives every stage until it is stopped. */
export function startDriver(options: DriverOptions): Driver {
  const { engine, feed, log, blockTimeMs } = options;
  const stopping = new AbortController();
  let wanted = true;
  let wantCount = 0;
  let wake = () => {};
  const want = () => {
    wanted = true;
    wantCount++;
    wake();
  };
  const burstEnds = async (): Promise<void> => {
    for (let waitedMs = 0; waitedMs < MAX_BURST_MS; waitedMs += QUIET_MS) {
      const before = wantCount;
      await pause(QUIET_MS, stopping.signal);
      if (wantCount === before || stopping.signal.aborted) return;
    }
  };
  const unsubscribe = feed.subscribe(want);
  let mining: Promise<unknown> | undefined;
  const blockTimer = blockTimeMs === undefined ? undefined : setInterval(() => {
    // A block that takes longer than the interval delays the next one; they never pile up.
    mining ??= engine.mineBlock().catch((error) => logFailure(log, error)).finally(() => {
      mining = undefined;
    });
  }, blockTimeMs);
  const lookTimer = blockTimeMs === undefined ? undefined : setInterval(want, LOOK_MS);

  const round = async (): Promise<void> => {
    // What an earlier process left in the pool has nobody any more who would set it off.
    if (blockTimeMs === undefined) await engine.buildBlocks();
    // Full batches first. An interval chain goes on filling the last one; an automine chain closes
    // what a burst has left, once: blocks that come meanwhile belong to the next round's batch.
    while (await engine.sealIfDue());
    if (blockTimeMs === undefined) await engine.sealIfDue("automine");
    await engine.submit();
    await engine.prove();
    await engine.submit();
    await engine.sync();
  };
  /** Told once; the same failure again says nothing new. */
  let lastFailure: string | undefined;
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      if (!wanted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      await burstEnds();
      wanted = false;
      try {
        await round();
        lastFailure = undefined;
      } catch (error) {
        // What L1 says may explain it: a batch that somebody else has sent, another chain.
        const reason = await engine.sync().then(() => error, (cause: unknown) => cause);
        if (String(reason) !== lastFailure) logFailure(log, reason);
        lastFailure = String(reason);
        await pause(RETRY_MS, stopping.signal);
        wanted = true;
      }
    }
  };
  const running = loop();
  return {
    stop: async () => {
      clearInterval(blockTimer);
      clearInterval(lookTimer);
      unsubscribe();
      stopping.abort();
      wake();
      await Promise.all([running, mining]);
    },
  };
}

function logFailure(log: Log, error: unknown): void {
  const mend = error instanceof RollupError ? error.mend : "This is a defect; keep the folder.";
  const code = error instanceof RollupError ? error.code : "DEFECT";
  log.warn("A stage failed and will be tried again", { code, error: String(error), mend });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
