/**
 * How the L2's blocks come to be, which can change while the devnet runs.
 *
 * Owns the switch between a block for each transaction, on an interval and on command, and the
 * driver's life: a devnet that starts with commands alone gets a driver when somebody asks for more,
 * and then keeps it, as batches of later blocks want to reach L1 all the same. Does not own any step
 * (`driver.ts`, the engine).
 * @module
 */
import type { LocalEngine } from "../core/engine/local_engine.ts";
import type { Log } from "../core/primitives/ports.ts";
import type { Driver, StageFailure } from "./driver.ts";
import { createIntervalMiner } from "./interval_miner.ts";

/** How blocks come to be: for each transaction, on an interval, or by command alone. */
export type PaceMode = "automine" | "interval" | "manual";

/** What {@linkcode createL2Pace} needs. */
export interface L2PaceOptions {
  readonly engine: LocalEngine;
  readonly log: Log;
  readonly mode: PaceMode;
  /** Milliseconds between blocks, with mode `interval`. */
  readonly blockTimeMs: number | undefined;
  /** Whether this node makes blocks at all. */
  readonly isSequencing: boolean;
  startDriver(mode: () => PaceMode): Driver;
}

/** How the L2 moves at a moment. */
export interface PaceMark {
  readonly mode: PaceMode;
  readonly blockTimeMs: number | undefined;
  /** Whether batches go to L1 by themselves. */
  readonly isDriven: boolean;
}

/** The L2's pace. */
export interface L2Pace {
  mode(): PaceMode;
  blockTimeMs(): number | undefined;
  /** @throws `ROLE_MISSING` for a node that makes no blocks. */
  set(mode: PaceMode, blockTimeMs?: number): Promise<void>;
  /** Begins to move by itself. */
  start(): void;
  /** What {@linkcode L2Pace.start} begins with. */
  readonly first: PaceMark;
  /** The present, to go on at. */
  mark(): PaceMark;
  /** Nothing moves by itself until the answer is called, which goes on as now or as `mark` says. */
  pause(): Promise<(mark?: PaceMark) => Promise<void>>;
  /** What keeps it from moving by itself now. */
  failure(): StageFailure | undefined;
  stop(): Promise<void>;
}

/** A pace as `options` say, at rest until it is started. */
export function createL2Pace(options: L2PaceOptions): L2Pace {
  const { engine, log, isSequencing, startDriver } = options;
  let { mode } = options;
  let isStopped = false;
  const miner = createIntervalMiner(() => engine.mineWaiting(), (error) => {
    log.warn("Cannot make an L2 block", { error: String(error) });
  });
  let driver: Driver | undefined;
  const first: PaceMark = {
    mode,
    blockTimeMs: mode === "interval" && isSequencing ? options.blockTimeMs : undefined,
    isDriven: mode !== "manual",
  };
  const mark = (): PaceMark => ({
    mode,
    blockTimeMs: miner.intervalMs(),
    isDriven: driver !== undefined,
  });
  return {
    mode: () => mode,
    blockTimeMs: miner.intervalMs,
    start: () => {
      if (first.isDriven) driver = startDriver(() => mode);
      miner.set(first.blockTimeMs);
    },
    set: async (wanted, blockTimeMs) => {
      await engine.setAutomine(wanted === "automine");
      mode = wanted;
      miner.set(wanted === "interval" ? blockTimeMs : undefined);
      if (wanted !== "manual" && !isStopped) driver ??= startDriver(() => mode);
    },
    first,
    mark,
    failure: () => driver?.failure(),
    pause: async () => {
      const before = mark();
      // Who goes back does not wait for a proof and two transactions.
      await Promise.all([miner.stop(), driver?.interrupt()]);
      driver = undefined;
      return async (wanted = before) => {
        if (isStopped) return;
        if (wanted.mode !== mode) await engine.setAutomine(wanted.mode === "automine");
        mode = wanted.mode;
        miner.set(wanted.blockTimeMs);
        if (wanted.isDriven) driver = startDriver(() => mode);
      };
    },
    stop: async () => {
      isStopped = true;
      await Promise.all([miner.stop(), driver?.stop()]);
    },
  };
}

/** The pace of an engine that nobody drives: automine or not, and no interval. */
export function createStillPace(engine: LocalEngine): L2Pace {
  return createL2Pace({
    engine,
    log: engine.node.log,
    mode: engine.isAutomine() ? "automine" : "manual",
    blockTimeMs: undefined,
    isSequencing: true,
    startDriver: () => ({
      stop: () => Promise.resolve(),
      interrupt: () => Promise.resolve(),
      failure: () => undefined,
    }),
  });
}
