/**
 * One thing after another: the order in which the embedded L1 is written.
 *
 * Owns that two writers never interleave. Does not own what they write.
 * @module
 */

/** Runs tasks strictly one after another, in the order in which they were given. */
export interface SerialQueue {
  /** Resolves or rejects as `task` does; a failed task does not stop the ones behind it. */
  run<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Resolves when everything that was given so far has ended. */
  settle(): Promise<void>;
}

/** An empty queue. */
export function createSerialQueue(): SerialQueue {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run: (task) => {
      const result = tail.then(task);
      // The one who gave the task sees its failure; the queue only waits for its end.
      tail = result.then(() => {}, () => {});
      return result;
    },
    settle: async () => {
      await tail;
    },
  };
}
