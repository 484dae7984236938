/**
 * A KV whose process dies: after so many commits, every further one fails and changes nothing.
 *
 * Owns that one fault. Reads go on, as whoever reads is about to be thrown away.
 * @module
 */

/** What stands for kill -9. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

/** A KV that can be told to fail. */
export interface CrashingKv {
  readonly kv: Deno.Kv;
  /** Lets `commits` more through. */
  crashAfter(commits: number): void;
  /** How many commits went through so far. */
  commitCount(): number;
}

/** Wraps `inner`; it never fails until it is told to. */
export function createCrashingKv(inner: Deno.Kv): CrashingKv {
  let left = Number.POSITIVE_INFINITY;
  let count = 0;
  const atomic = () => {
    const operation = inner.atomic();
    const wrapped = {
      set: (key: Deno.KvKey, value: unknown) => {
        operation.set(key, value);
        return wrapped;
      },
      delete: (key: Deno.KvKey) => {
        operation.delete(key);
        return wrapped;
      },
      commit: async () => {
        if (left <= 0) throw new CrashError("the process died before this commit");
        left--;
        count++;
        return await operation.commit();
      },
    };
    return wrapped;
  };
  const kv = {
    get: (key: Deno.KvKey) => inner.get(key),
    list: (selector: Deno.KvListSelector, options?: Deno.KvListOptions) =>
      inner.list(selector, options),
    atomic,
  };
  return {
    // The class is native and cannot be extended; the three methods are all that the chain calls.
    kv: kv as unknown as Deno.Kv,
    crashAfter: (commits) => {
      left = commits;
    },
    commitCount: () => count,
  };
}
