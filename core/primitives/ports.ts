/**
 * What the pure rooms may ask of the world: time, randomness, a log.
 *
 * Owns the interfaces. Does not own their implementations, which are wired where the program starts.
 * @module
 */
import { assert } from "./errors.ts";

/** Where a clock stood. */
export interface ClockMark {
  readonly nowSec: bigint;
  readonly advancedSec: bigint;
}

/**
 * Time in whole seconds since 1970; goes back by `set` and `restore` only. One clock serves both
 * layers of a devnet.
 */
export interface Clock {
  /** The current time. */
  nowSec(): bigint;
  /**
   * Says that a chain has reached `timestampSec`: the clock stands at that or later from now on, so
   * a chain whose blocks come faster than seconds does not leave the other one behind.
   */
  observe(timestampSec: bigint): void;
  /**
   * Lets time jump: from now on everything is `seconds` later than it would have been. Kept in
   * memory only; what a restart knows of it is what the chains reached, through `observe`.
   */
  advance(seconds: bigint): void;
  /** Seconds by which the time differs from what it would be without `advance` and `set`. */
  advancedSec(): bigint;
  /** Stands at `timestampSec`, earlier or later than now, and goes on from there. */
  set(timestampSec: bigint): void;
  /** While it is held, only the chains, `advance` and `set` move it. */
  hold(isHeld: boolean): void;
  mark(): ClockMark;
  /** Stands as it stood at `mark`; what has really passed since then has passed. */
  restore(mark: ClockMark): void;
}

/** Fields of a log line; units are in the names. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** What a log line is about, so that one can be watched without the others. */
export const LOG_AREAS = ["rpc", "l1", "pool", "block", "batch", "proof", "send", "sync"] as const;
/** See {@linkcode LOG_AREAS}. */
export type LogArea = (typeof LOG_AREAS)[number];

/** Constant text plus fields: `info` per batch, `debug` per block or transaction, `error` a defect. */
export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
  /** The log of one area; a log that does not tell them apart has none. */
  area?(area: LogArea): Log;
}

/** The part of `log` that is about `area`. */
export function areaLog(log: Log, area: LogArea): Log {
  return log.area?.(area) ?? log;
}

/** A log that keeps nothing. */
export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
};

/**
 * A clock that only the chains and `advance` move: it stands at the latest timestamp that it has
 * observed, so a scripted run gives the same bytes on every machine.
 */
export function createVirtualClock(startSec: bigint): Clock {
  let nowSec = startSec;
  let advancedSec = 0n;
  return {
    nowSec: () => nowSec,
    observe: (timestampSec) => {
      if (timestampSec > nowSec) nowSec = timestampSec;
    },
    advance: (seconds) => {
      assert(seconds >= 0n, "a clock never goes back");
      nowSec += seconds;
      advancedSec += seconds;
    },
    advancedSec: () => advancedSec,
    set: (timestampSec) => {
      advancedSec += timestampSec - nowSec;
      nowSec = timestampSec;
    },
    // Nothing else moves it anyway.
    hold: () => {},
    mark: () => ({ nowSec, advancedSec }),
    restore: (mark) => {
      ({ nowSec, advancedSec } = mark);
    },
  };
}
