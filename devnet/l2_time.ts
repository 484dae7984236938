/**
 * Times that somebody chooses for blocks of the L2.
 *
 * Owns refusing those that its next block cannot have: batch data tell a block's time in 32 bits from
 * its parent's, so a later one would be accepted here and never seen. A jump on the L1 port is no
 * choice of an L2 block: that the L2 follows in several. Does not own the time of a block
 * (`core/pipeline/block_time.ts`).
 * @module
 */
import { MAX_TIME_STEP_SEC } from "../core/batching/batch_data.ts";
import { latestNextTimestampSec } from "../core/pipeline/block_time.ts";
import type { Node } from "../core/pipeline/node.ts";
import { RollupError } from "../core/primitives/errors.ts";
import type { ChainBackend, ChainControls, TimeErrorCode } from "./rpc/chain.ts";
import { timestampTooEarly } from "./rpc/time_refusals.ts";

/** What clients may do to the time of the L2. */
export type L2Time =
  & Pick<ChainBackend, "increaseTime" | "setNextBlockTimestamp">
  & Pick<ChainControls, "setTime" | "setBlockTimestampInterval">;

/** The times of `node`. */
export function createL2Time(node: Pick<Node, "clock" | "timing" | "tip">): L2Time {
  const { clock, timing, tip } = node;
  const assertReachable = (timestampSec: bigint): void => {
    const latestSec = latestNextTimestampSec(tip.get().header);
    if (timestampSec > latestSec) throw tooLate(timestampSec, latestSec);
  };
  return {
    increaseTime: (seconds) => {
      assertReachable(clock.nowSec() + seconds);
      clock.advance(seconds);
      return clock.advancedSec();
    },
    setTime: (timestampSec) => {
      assertReachable(timestampSec);
      const beforeSec = clock.nowSec();
      clock.set(timestampSec);
      return timestampSec - beforeSec;
    },
    setNextBlockTimestamp: (timestampSec) =>
      Promise.resolve().then(() => {
        if (timestampSec <= tip.get().header.timestampSec) throw timestampTooEarly(timestampSec);
        assertReachable(timestampSec);
        if (timing !== undefined) timing.nextSec = timestampSec;
      }),
    setBlockTimestampInterval: (seconds) => {
      if (seconds !== undefined && seconds > MAX_TIME_STEP_SEC) throw tooFarApart(seconds);
      const hadInterval = timing?.intervalSec !== undefined;
      if (timing !== undefined) timing.intervalSec = seconds;
      clock.hold(seconds !== undefined);
      return hadInterval;
    },
  };
}

function tooLate(timestampSec: bigint, latestSec: bigint): RollupError<TimeErrorCode> {
  return new RollupError(
    "TIMESTAMP_TOO_LATE",
    `Cannot give the next L2 block the time ${timestampSec} as batch data must tell it in 32 bits ` +
      `from its parent's: it can be ${latestSec} at most`,
    {
      details: { timestampSec, latestSec },
      mend: `Choose a time up to ${latestSec}, mine a block, and go on from there.`,
    },
  );
}

function tooFarApart(intervalSec: bigint): RollupError<TimeErrorCode> {
  return new RollupError(
    "TIMESTAMP_TOO_LATE",
    `Cannot put L2 blocks ${intervalSec} seconds apart as batch data must tell a block's time in ` +
      `32 bits from its parent's: it can be ${MAX_TIME_STEP_SEC} seconds at most`,
    {
      details: { intervalSec, maxIntervalSec: MAX_TIME_STEP_SEC },
      mend: `Choose an interval of at most ${MAX_TIME_STEP_SEC} seconds.`,
    },
  );
}
