/**
 * KV that dies when a test says so, and that remembers what was written.
 *
 * Owns the one fault, a process that ends before or after a commit: from then on nothing is written
 * until it is revived. Does not own throwing away what the dead process had in memory.
 * @module
 */

/** What stands for kill -9. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Where the process dies. */
export interface CrashPoint {
  /** 1 is the next commit. */
  readonly commit: number;
  /** Whether the commit is still made. */
  readonly when: "before" | "after";
}

/** One commit that was made. */
export interface CommitRecord {
  /** Name of the KV that it went to. */
  readonly store: string;
  /** Names of the tables that it wrote, each once, in the order of their first row. */
  readonly tables: readonly string[];
}

/** Faults and memory over any number of KVs, whose commits count together. */
export interface KvFault {
  wrap(kv: Deno.Kv, store: string): Deno.Kv;
  /** Plans the crash; a plan that was not reached yet is replaced, `undefined` takes it away. */
  crashAt(point: CrashPoint | undefined): void;
  isDead(): boolean;
  revive(): void;
  /** Commits so far, made or died at. */
  commitCount(): number;
  /** The commits that were made since the last call. */
  drain(): readonly CommitRecord[];
}

/** A fault that never happens until it is planned. */
export function createKvFault(): KvFault {
  let count = 0;
  let planned: { readonly count: number; readonly when: CrashPoint["when"] } | undefined;
  let dead = false;
  let made: CommitRecord[] = [];
  const commit = async <Result>(
    store: string,
    tables: ReadonlySet<string>,
    make: () => Promise<Result>,
  ): Promise<Result> => {
    if (dead) throw new Crash("the process has ended");
    count++;
    const dies = planned?.count === count;
    if (!dies || planned?.when === "after") {
      const result = await make();
      made.push({ store, tables: [...tables] });
      if (!dies) return result;
    }
    dead = true;
    throw new Crash(`commit ${count}`);
  };
  const wrapAtomic = (kv: Deno.Kv, store: string): Deno.AtomicOperation => {
    const operation = kv.atomic();
    const tables = new Set<string>();
    const set = operation.set.bind(operation);
    const remove = operation.delete.bind(operation);
    const make = operation.commit.bind(operation);
    operation.set = (key, value, options) => {
      tables.add(String(key[0]));
      set(key, value, options);
      return operation;
    };
    operation.delete = (key) => {
      tables.add(String(key[0]));
      remove(key);
      return operation;
    };
    operation.commit = () => commit(store, tables, make);
    return operation;
  };
  return {
    wrap: (kv, store) => {
      const wrapped = {
        get: kv.get.bind(kv),
        getMany: kv.getMany.bind(kv),
        list: kv.list.bind(kv),
        set: (...args: Parameters<Deno.Kv["set"]>) =>
          commit(store, new Set([String(args[0][0])]), () => kv.set(...args)),
        close: () => {},
        atomic: () => wrapAtomic(kv, store),
      };
      // The rooms use only these methods of KV; a missing one would fail loudly.
      return wrapped as unknown as Deno.Kv;
    },
    crashAt: (point) => {
      planned = point === undefined ? undefined : { count: count + point.commit, when: point.when };
    },
    isDead: () => dead,
    revive: () => {
      dead = false;
      planned = undefined;
    },
    commitCount: () => count,
    drain: () => {
      const drained = made;
      made = [];
      return drained;
    },
  };
}
