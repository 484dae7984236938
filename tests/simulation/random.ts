/**
 * Random choices that a seed repeats on every machine.
 *
 * Owns the generator (mulberry32: 32 bits of state, good enough to choose what a test does). Does
 * not own what is chosen.
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";

/** A stream of choices. */
export interface RandomChoices {
  /** A whole number from `from` to `to`, both included. */
  int(from: number, to: number): number;
  /** Whether something that happens `percent` times of 100 happens now. */
  chance(percent: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A name by its weight. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
}

/** The stream of `seed`. */
export function createRandom(seed: number): RandomChoices {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1));
  const pick = <Item>(items: readonly Item[]): Item => {
    const item = items[int(0, items.length - 1)];
    assert(item !== undefined, "there is something to pick from");
    return item;
  };
  return {
    int,
    chance: (percent) => next() * 100 < percent,
    pick,
    weighted: <Name extends string>(weights: Readonly<Record<Name, number>>): Name => {
      const names = Object.keys(weights).filter((name): name is Name => name in weights);
      let left = next() * names.reduce((sum, name) => sum + weights[name], 0);
      for (const name of names) {
        left -= weights[name];
        if (left < 0) return name;
      }
      return pick(names);
    },
  };
}
