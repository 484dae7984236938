/**
 * What makes a devnet move by itself: it steps the same stages that the commands step.
 *
 * Owns when: after a block of either layer, and on an interval when one is set. Does not own any
 * step. A step that fails is logged with its mend and tried again at the next occasion; a failure
 * that lasts is logged once.
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import { type Role, ROLES } from "../core/pipeline/node.ts";
import { isRollupError, RollupError } from "../core/primitives/errors.ts";
import type { Log } from "../core/primitives/ports.ts";
import type { BlockFeed } from "./l2_chain.ts";
import { pause } from "./pause.ts";

/** How a driver paces the chain. */
export interface DriverOptions {
  readonly engine: LocalEngine;
  readonly feed: BlockFeed;
  readonly log: Log;
  /** Milliseconds between blocks; without it each transaction makes one. */
  readonly blockTimeMs?: number;
  /** What the node does; all of it unless told otherwise. */
  readonly roles?: ReadonlySet<Role>;
  /** Calls back when L1 has news, such as a block that somebody else's transaction made. */
  readonly subscribeL1?: (listener: () => void) => () => void;
  /**
   * Milliseconds between looks at what becomes due with time alone: a batch that waits for a fuller
   * transaction, or for an L1 whose clock the L2 has run ahead of. A chain with a block time looks
   * every second, another one not at all by default.
   */
  readonly lookMs?: number;
  /** Milliseconds before a failed round is tried again; a second by default. */
  readonly retryMs?: number;
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
  const { engine, feed, log, blockTimeMs, roles = new Set<Role>(ROLES) } = options;
  const isSequencing = roles.has("sequencer");
  const stopping = new AbortController();
  let wanted = true;
  let hasL1News = false;
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
  const unsubscribeL1 = options.subscribeL1?.(() => {
    hasL1News = true;
    want();
  });
  let mining: Promise<unknown> | undefined;
  const blockTimer = blockTimeMs === undefined || !isSequencing ? undefined : setInterval(() => {
    // A block that takes longer than the interval delays the next one; they never pile up.
    mining ??= engine.mineBlock().catch((error) => logFailure(log, error)).finally(() => {
      mining = undefined;
    });
  }, blockTimeMs);
  const lookMs = options.lookMs ?? (blockTimeMs === undefined ? undefined : LOOK_MS);
  const lookTimer = lookMs === undefined ? undefined : setInterval(want, lookMs);

  const sync = async (): Promise<void> => {
    if (roles.has("synchronizer")) await engine.sync();
  };
  const submit = async (): Promise<void> => {
    if (roles.has("submitter")) await engine.submitIfDue();
  };
  const seal = async (): Promise<void> => {
    // What an earlier process left in the pool has nobody any more who would set it off.
    if (blockTimeMs === undefined) await engine.buildBlocks();
    // Full batches first. An interval chain goes on filling the last one; an automine chain closes
    // what a burst has left, once: blocks that come meanwhile belong to the next round's batch.
    while (await engine.sealIfDue());
    if (blockTimeMs === undefined) await engine.sealIfDue("automine");
  };
  const round = async (): Promise<void> => {
    // Operations of L1 go into the next block, and a reorganisation comes before all else.
    const isNews = hasL1News;
    hasL1News = false;
    if (isNews) await sync();
    if (isSequencing) await seal();
    // What L1 refuses keeps nobody from proving what it has; asked again, it tells the reason.
    if (roles.has("prover")) {
      await submit().catch(() => {});
      await engine.prove();
    }
    await submit();
    await sync();
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
        if (lastFailure !== undefined) log.info("The stages go on");
        lastFailure = undefined;
      } catch (error) {
        if (stopping.signal.aborted) return;
        // What L1 says may explain it: a batch that somebody else has sent, another chain.
        const reason = await sync().then(() => error, (cause: unknown) => cause);
        if (failureKey(reason) !== lastFailure) logFailure(log, reason);
        lastFailure = failureKey(reason);
        await pause(options.retryMs ?? RETRY_MS, stopping.signal);
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
      unsubscribeL1?.();
      stopping.abort();
      wake();
      await Promise.all([running, mining]);
    },
  };
}

/** What tells one failure from the next: an L1 that is away is so for whatever it is asked. */
function failureKey(error: unknown): string {
  return isRollupError(error, "L1_UNAVAILABLE") ? error.code : String(error);
}

function logFailure(log: Log, error: unknown): void {
  const mend = error instanceof RollupError ? error.mend : "This is a defect; keep the folder.";
  const code = error instanceof RollupError ? error.code : "DEFECT";
  log.warn("A stage failed and will be tried again", { code, error: String(error), mend });
}
