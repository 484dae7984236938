/**
 * Tasks one after another.
 *
 * Owns the order and the end. Does not own what is done.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";

/** Codes of this file. */
export type QueueErrorCode = "ENGINE_CLOSED";

/** Takes tasks until it is closed. */
export interface Queue {
  <Result>(task: () => Promise<Result>): Promise<Result>;
  /** Runs `task` last: what is asked for later is refused. */
  close(task: () => Promise<void>): Promise<void>;
}

/** Runs tasks one after another; a failed one does not stop the next. */
export function createQueue(): Queue {
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;
  const append = <Result>(task: () => Promise<Result>): Promise<Result> => {
    const run = last.then(task, task);
    last = run.then(() => undefined, () => undefined);
    return run;
  };
  const enter = <Result>(task: () => Promise<Result>): Promise<Result> =>
    closed ? Promise.reject(engineClosed()) : append(task);
  return Object.assign(enter, {
    close: async (task: () => Promise<void>) => {
      if (closed) return;
      closed = true;
      await append(task);
    },
  });
}

function engineClosed(): RollupError<QueueErrorCode> {
  return new RollupError(
    "ENGINE_CLOSED",
    "Cannot use the engine as it must be open: it is closed",
    {
      mend: "Open the data folder again.",
    },
  );
}
