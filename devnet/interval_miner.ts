/**
 * A block every so often, at an interval that can change while the chain runs.
 *
 * Owns the timer, and that blocks which take longer than the interval delay the next one and never
 * pile up. Does not own what a block is.
 * @module
 */

/** A timer that makes blocks. */
export interface IntervalMiner {
  /** Milliseconds from block to block from now on; `undefined` for none. */
  set(intervalMs: number | undefined): void;
  intervalMs(): number | undefined;
  /** Settles when the block that is under way is done; `set` starts it again. */
  stop(): Promise<void>;
}

/** What timers of JavaScript can wait at most. */
const MAX_INTERVAL_MS = 2 ** 31 - 1;

/** A miner at rest; a block that fails is told and the next one tried. */
export function createIntervalMiner(
  mine: () => Promise<unknown>,
  onFailure: (error: unknown) => void,
): IntervalMiner {
  let timer: ReturnType<typeof setInterval> | undefined;
  let current: number | undefined;
  let mining: Promise<unknown> | undefined;
  const tick = () => {
    mining ??= mine().catch(onFailure).finally(() => {
      mining = undefined;
    });
  };
  const set = (intervalMs: number | undefined): void => {
    clearInterval(timer);
    current = intervalMs;
    timer = intervalMs === undefined
      ? undefined
      : setInterval(tick, Math.min(intervalMs, MAX_INTERVAL_MS));
  };
  return {
    set,
    intervalMs: () => current,
    stop: async () => {
      set(undefined);
      await mining;
    },
  };
}
