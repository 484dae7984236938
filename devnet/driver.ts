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
import type { PaceMode } from "./l2_pace.ts";
import { pause } from "./pause.ts";

/** How a driver paces the chain. */
export interface DriverOptions {
  readonly engine: LocalEngine;
  readonly feed: BlockFeed;
  readonly log: Log;
  /** How blocks come to be now; each transaction makes one unless told otherwise. */
  readonly mode?: () => PaceMode;
  /** What the node does; all of it unless told otherwise. */
  readonly roles?: ReadonlySet<Role>;
  /** Calls back when L1 has news, such as a block that somebody else's transaction made. */
  readonly subscribeL1?: (listener: () => void) => () => void;
  /**
   * Milliseconds between looks at what becomes due with time alone: a batch that waits for a fuller
   * transaction, or for an L1 whose clock the L2 has run ahead of. Not at all by default.
   */
  readonly lookMs?: number;
  /** Milliseconds before a failed round is tried again; a second by default. */
  readonly retryMs?: number;
}

/** What keeps a stage from going on. */
export interface StageFailure {
  readonly code: string;
  readonly message: string;
  readonly mend: string;
}

/** A driver at work. */
export interface Driver {
  /** Settles after the round that is under way. */
  stop(): Promise<void>;
  /** Settles after the stage that is under way; another driver goes on from there. */
  interrupt(): Promise<void>;
  /** Why the last round failed, which is tried again; `undefined` once one has not. */
  failure(): StageFailure | undefined;
}

/** Pause before a failed round is tried again. */
const RETRY_MS = 1_000;
/** A burst of transactions is over, and becomes one batch, when no block came for this long. */
const QUIET_MS = 40;
/** How long a burst may keep its first transaction from L1. */
const MAX_BURST_MS = 500;

/** More transactions a second than people send by hand. */
const BUSY_TXS_A_SECOND = 200;
/** How soon the stages go on when a rush is over. */
const BUSY_LOOK_MS = 200;
/** Between rounds of a busy chain. */
const BUSY_PAUSE_MS = 1_000;
/** How many times as long as a step takes nothing else is stepped on a busy chain. */
const BUSY_PAUSE_STEPS = 16;
/** A round that has gone on for so long gets half of the time, so that it comes to its end. */
const LATE_MS = 15_000;
const LATE_PAUSE_STEPS = 1;

/** Drives every stage until it is stopped. */
export function startDriver(options: DriverOptions): Driver {
  const { engine, feed, log, mode = () => "automine", roles = new Set<Role>(ROLES) } = options;
  const isSequencing = roles.has("sequencer");
  const stopping = new AbortController();
  let isInterrupted = false;
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
  let seen = { arrivals: engine.node.pool.arrivals(), ms: performance.now() };
  /** Whether transactions have come faster since the last look than people send them by hand. */
  const isBusy = (): boolean => {
    const now = { arrivals: engine.node.pool.arrivals(), ms: performance.now() };
    const sent = Number(now.arrivals - seen.arrivals);
    const isFast = sent * 1_000 > BUSY_TXS_A_SECOND * (now.ms - seen.ms);
    seen = now;
    return isFast;
  };
  /** Waits while many transactions come, but `mostMs` at most. */
  const pauseWhileBusy = async (mostMs: number): Promise<void> => {
    for (let waitedMs = 0; waitedMs < mostMs && isBusy();) {
      const lookMs = Math.min(BUSY_LOOK_MS, mostMs - waitedMs);
      await pause(lookMs, stopping.signal);
      if (stopping.signal.aborted) return;
      waitedMs += lookMs;
    }
  };
  let roundStartMs = 0;
  let stepStartMs = 0;
  // What L1 is told can wait, senders do not: while many come, they get most of the time.
  const leaveRoom = async (): Promise<void> => {
    const nowMs = performance.now();
    const isLate = nowMs - roundStartMs > LATE_MS;
    await pauseWhileBusy((isLate ? LATE_PAUSE_STEPS : BUSY_PAUSE_STEPS) * (nowMs - stepStartMs));
    stepStartMs = performance.now();
  };
  const verbs = engine.paced(leaveRoom);
  const unsubscribe = feed.subscribe(want);
  const unsubscribeL1 = options.subscribeL1?.(() => {
    hasL1News = true;
    want();
  });
  const { lookMs } = options;
  const lookTimer = lookMs === undefined ? undefined : setInterval(want, lookMs);

  const sync = async (): Promise<void> => {
    if (roles.has("synchronizer")) await verbs.sync();
  };
  const submit = async (): Promise<void> => {
    if (roles.has("submitter")) await verbs.submitIfDue();
  };
  const seal = async (): Promise<void> => {
    // What an earlier process left in the pool has nobody any more who would set it off.
    if (mode() === "automine") await engine.buildBlocks();
    // Full batches first. An interval chain goes on filling the last one; an automine chain closes
    // what a burst has left, once: blocks that come meanwhile belong to the next round's batch.
    while (await engine.sealIfDue()) await leaveRoom();
    if (mode() === "automine") await engine.sealIfDue("automine");
  };
  const round = async (): Promise<void> => {
    // Operations of L1 go into the next block, and a reorganisation comes before all else.
    const isNews = hasL1News;
    hasL1News = false;
    const stages = [
      ...(isNews ? [sync] : []),
      ...(isSequencing ? [seal] : []),
      // What L1 refuses keeps nobody from proving what it has; asked again, it tells the reason.
      ...(roles.has("prover") ? [() => submit().catch(() => {}), () => verbs.prove()] : []),
      submit,
      sync,
    ];
    for (const stage of stages) {
      if (isInterrupted) return;
      await stage();
    }
  };
  /** Told once; the same failure again says nothing new. */
  let lastFailure: string | undefined;
  let failure: StageFailure | undefined;
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
        roundStartMs = stepStartMs = performance.now();
        await round();
        // A few large batches cost less than many small ones.
        await pauseWhileBusy(BUSY_PAUSE_MS);
        if (lastFailure !== undefined) log.info("The stages go on");
        lastFailure = undefined;
        failure = undefined;
      } catch (error) {
        if (stopping.signal.aborted) return;
        // What L1 says may explain it: a batch that somebody else has sent, another chain.
        const reason = await sync().then(() => error, (cause: unknown) => cause);
        failure = toFailure(reason);
        if (failureKey(reason) !== lastFailure) logFailure(log, failure);
        lastFailure = failureKey(reason);
        await pause(options.retryMs ?? RETRY_MS, stopping.signal);
        wanted = true;
      }
    }
  };
  const running = loop();
  const stop = async (): Promise<void> => {
    clearInterval(lookTimer);
    unsubscribe();
    unsubscribeL1?.();
    stopping.abort();
    wake();
    await running;
  };
  return {
    stop,
    failure: () => failure,
    interrupt: () => {
      isInterrupted = true;
      return stop();
    },
  };
}

/** What tells one failure from the next: an L1 that is away is so for whatever it is asked. */
function failureKey(error: unknown): string {
  return isRollupError(error, "L1_UNAVAILABLE") ? error.code : String(error);
}

function toFailure(error: unknown): StageFailure {
  if (error instanceof RollupError) {
    return { code: error.code, message: error.message, mend: error.mend };
  }
  return { code: "DEFECT", message: String(error), mend: "This is a defect; keep the folder." };
}

function logFailure(log: Log, { code, message, mend }: StageFailure): void {
  log.warn("A stage failed and will be tried again", { code, error: message, mend });
}
