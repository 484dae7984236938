/**
 * What the pure rooms may ask of the world: time, randomness, a log.
 *
 * Owns the interfaces. Does not own their implementations, which are wired where the program starts.
 * @module
 */
import { assert } from "./errors.ts";

/** Time in whole seconds since 1970; never goes back. One clock serves both layers of a devnet. */
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
  /** Seconds that `advance` has added so far. */
  advancedSec(): bigint;
}

/** Fields of a log line; units are in the names. */
export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

/** Constant text plus fields: `info` per batch, `debug` per block or transaction, `error` a defect. */
export interface Log {
  debug(text: string, fields?: LogFields): void;
  info(text: string, fields?: LogFields): void;
  warn(text: string, fields?: LogFields): void;
  error(text: string, fields?: LogFields): void;
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
  };
}
