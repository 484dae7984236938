/**
 * The clock of a devnet that follows this machine's time.
 *
 * Owns reading the time of day. Does not own the virtual clock, which is pure and lives in
 * `core/primitives/ports.ts`.
 * @module
 */
import type { Clock } from "../core/primitives/ports.ts";

/** Time of day in seconds, never before what a chain has reached and never going back. */
export function createRealClock(): Clock {
  let latestSec = 0n;
  const advance = (toSec: bigint): bigint => {
    if (toSec > latestSec) latestSec = toSec;
    return latestSec;
  };
  return {
    nowSec: () => advance(BigInt(Math.floor(Date.now() / 1000))),
    observe: (timestampSec) => {
      advance(timestampSec);
    },
  };
}
