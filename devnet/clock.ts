/**
 * The clock of a devnet that follows this machine's time.
 *
 * Owns reading the time of day. Does not own the virtual clock, which is pure and lives in
 * `core/primitives/ports.ts`.
 * @module
 */
import { assert } from "../core/primitives/errors.ts";
import type { Clock } from "../core/primitives/ports.ts";

/**
 * Time of day in seconds plus what it was advanced by, never before what a chain has reached. `readMs` takes the place of this machine's time, for tests.
 */
export function createRealClock(readMs: () => number = Date.now): Clock {
  let latestSec = 0n;
  let advancedSec = 0n;
  let isHeld = false;
  const realSec = () => BigInt(Math.floor(readMs() / 1000));
  const reach = (timestampSec: bigint): bigint => {
    if (timestampSec > latestSec) latestSec = timestampSec;
    return latestSec;
  };
  const nowSec = () => isHeld ? latestSec : reach(realSec() + advancedSec);
  return {
    nowSec,
    observe: (timestampSec) => {
      reach(timestampSec);
    },
    advance: (seconds) => {
      assert(seconds >= 0n, "a clock never goes back");
      const beforeSec = nowSec();
      advancedSec += seconds;
      // Chains that are ahead of the time of day make the jump too.
      reach(beforeSec + seconds);
    },
    advancedSec: () => advancedSec,
    set: (timestampSec) => {
      advancedSec = timestampSec - realSec();
      latestSec = timestampSec;
    },
    hold: (wanted) => {
      if (wanted) nowSec();
      isHeld = wanted;
    },
    mark: () => ({ nowSec: nowSec(), advancedSec }),
    restore: (mark) => {
      advancedSec = mark.advancedSec;
      latestSec = mark.nowSec;
    },
  };
}
