/**
 * Turns: what runs for long in this process lets others go on in between.
 *
 * Owns when a turn is over and how it is handed on. Does not own what runs or how long it may take
 * altogether (`call_time.ts`).
 * @module
 */

/** Milliseconds of one turn: what waits meanwhile does not feel it. */
const TURN_MS = 10;

/** Counts the turns of one run. */
export interface Turns {
  /** A turn begins now. */
  begin(): void;
  /**
   * When the turn is over, a wait until everybody else who was ready had theirs; how many
   * milliseconds that took.
   */
  handOn(): Promise<number> | undefined;
}

/** Turns of a run that begins now. */
export function createTurns(): Turns {
  let startMs = performance.now();
  const begin = (): void => {
    startMs = performance.now();
  };
  return {
    begin,
    handOn: () => {
      const nowMs = performance.now();
      if (nowMs - startMs < TURN_MS) return undefined;
      return waitForOthers().then(() => {
        begin();
        return startMs - nowMs;
      });
    },
  };
}

/** A timer and not a resolved promise: requests are read in between. */
function waitForOthers(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
