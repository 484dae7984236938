/**
 * A cache that forgets what came first.
 *
 * Owns the bound. Does not own what a miss costs.
 * @module
 */

/** A map of at most so many entries. */
export interface BoundedMap<Key, Value> {
  get(key: Key): Value | undefined;
  /** Adds or replaces; the oldest entry leaves when there is no room. */
  set(key: Key, value: Value): void;
  delete(key: Key): void;
}

/** An empty cache for `maxEntries` entries. */
export function createBoundedMap<Key, Value>(maxEntries: number): BoundedMap<Key, Value> {
  const entries = new Map<Key, Value>();
  return {
    get: (key) => entries.get(key),
    set: (key, value) => {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= maxEntries) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        break;
      }
    },
    delete: (key) => {
      entries.delete(key);
    },
  };
}
