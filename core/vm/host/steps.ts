/**
 * Long work in pieces, between which whoever waits may have a turn.
 *
 * Owns how pieces follow each other. Does not own clocks or timers, which come from outside.
 * @module
 */
import type { CallBounds } from "../executor.ts";

/** Work that stops after each piece; it goes on when it is asked to. */
export type Steps<Value> = Generator<void, Value, void>;

/** All pieces at once. */
export function runSteps<Value>(steps: Steps<Value>): Value {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/**
 * One piece after the other, as `bounds` allow it: at once, or with pauses.
 *
 * @throws what `bounds.checkTime` throws, be it in the promise.
 */
export function runStepsWithin<Value>(
  steps: Steps<Value>,
  bounds: CallBounds,
): Value | Promise<Value> {
  for (;;) {
    bounds.checkTime?.();
    const pause = bounds.breathe?.();
    if (pause !== undefined) return runAfter(pause, steps, bounds);
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A piece follows each pause: however long the others took, the work goes on. */
async function runAfter<Value>(
  pause: Promise<void>,
  steps: Steps<Value>,
  bounds: CallBounds,
): Promise<Value> {
  await pause;
  bounds.checkTime?.();
  const { done, value } = steps.next();
  return done ? value : await runStepsWithin(steps, bounds);
}
