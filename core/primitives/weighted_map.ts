/**
 * A cache that forgets what came first when what it holds weighs too much.
 *
 * Owns the bound. Does not own what a miss costs, or what weighs what.
 * @module
 */

/** A map whose entries weigh so much at most, all together. */
export interface WeightedMap<Key, Value> {
  get(key: Key): Value | undefined;
  /** Adds or replaces; the oldest entries leave until there is room. What is too heavy stays out. */
  set(key: Key, value: Value, weight: number): void;
  /** Forgets the entries that `isGone` picks. */
  forget(isGone: (key: Key) => boolean): void;
}

/** An empty cache for entries of `maxWeight` together. */
export function createWeightedMap<Key, Value>(maxWeight: number): WeightedMap<Key, Value> {
  const entries = new Map<Key, { readonly value: Value; readonly weight: number }>();
  let totalWeight = 0;
  const remove = (key: Key): void => {
    totalWeight -= entries.get(key)?.weight ?? 0;
    entries.delete(key);
  };
  return {
    get: (key) => entries.get(key)?.value,
    set: (key, value, weight) => {
      remove(key);
      if (weight > maxWeight) return;
      for (const oldest of entries.keys()) {
        if (totalWeight + weight <= maxWeight) break;
        remove(oldest);
      }
      entries.set(key, { value, weight });
      totalWeight += weight;
    },
    forget: (isGone) => {
      for (const key of entries.keys()) if (isGone(key)) remove(key);
    },
  };
}
