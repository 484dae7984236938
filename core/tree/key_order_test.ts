import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareBytes, concatBytes } from "../primitives/bytes.ts";
import { AssertionError } from "../primitives/errors.ts";
import { createKeyOrder } from "./key_order.ts";

Deno.test("findAtOrBefore() agrees with a plain sorted list over random insertions", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { minLength: 1 }), (numbers) => {
      const keys = numbers.map(numberToKey);
      const order = createKeyOrder(() => concatBytes(...keys));
      keys.forEach((key, row) => order.insert(key, row));
      for (let probe = 0; probe <= 201; probe++) {
        assertEquals(order.findAtOrBefore(numberToKey(probe)), findPlainly(numbers, probe));
      }
    }),
    { seed: 2, numRuns: 60 },
  );
});

Deno.test("insert() and remove() keep order across many splits and empty chunks", () => {
  const count = 3000;
  const numbers = Array.from({ length: count }, (_, row) => (row * 7919) % 30_011);
  const keys = numbers.map(numberToKey);
  const column = concatBytes(...keys);
  const order = createKeyOrder(() => column);
  keys.forEach((key, row) => order.insert(key, row));
  assertOrder(order, numbers, new Set(numbers.keys()));
  const kept = new Set(numbers.keys());
  keys.forEach((key, row) => {
    if (row % 10 === 3) return;
    order.remove(key);
    kept.delete(row);
  });
  assertOrder(order, numbers, kept);
  for (const row of kept) order.remove(numberToKey(numbers[row] ?? 0));
  assertEquals(order.findAtOrBefore(numberToKey(40_000)), -1);
  order.insert(numberToKey(numbers[7] ?? 0), 7);
  assertEquals(order.findAtOrBefore(numberToKey(40_000)), 7);
});

Deno.test("sort() orders by the whole key, ties of the first bytes included", () => {
  const keys = Array.from({ length: 2000 }, (_, row) => numberToKey((row * 7919) % 30_011));
  const column = concatBytes(...keys);
  const order = createKeyOrder(() => column);
  const sorted = [...order.sort(keys.length)];
  const plain = [...keys.keys()].sort((left, right) =>
    compareBytes(keys[left] ?? column, keys[right] ?? column)
  );
  assertEquals(sorted, plain);
  assertEquals(order.findAtOrBefore(new Uint8Array(32).fill(255)), plain.at(-1));
  assertEquals(order.findBefore(keys[plain[1000] ?? 0] ?? column), plain[999]);
});

Deno.test("insert() and remove() refuse a key that is there, or is not", () => {
  const column = concatBytes(numberToKey(1), numberToKey(1));
  const order = createKeyOrder(() => column);
  assertThrows(() => order.remove(numberToKey(1)), AssertionError);
  order.insert(numberToKey(1), 0);
  assertThrows(() => order.insert(numberToKey(1), 1), AssertionError);
  assertThrows(() => order.remove(numberToKey(2)), AssertionError);
});

function assertOrder(
  order: ReturnType<typeof createKeyOrder>,
  numbers: readonly number[],
  kept: ReadonlySet<number>,
): void {
  const rows = [...kept].sort((left, right) => (numbers[left] ?? 0) - (numbers[right] ?? 0));
  rows.forEach((row, at) => {
    const key = numberToKey(numbers[row] ?? 0);
    assertEquals(order.findAtOrBefore(key), row);
    assertEquals(order.findBefore(key), rows[at - 1] ?? -1);
  });
}

function findPlainly(numbers: readonly number[], probe: number): number {
  let best = -1;
  numbers.forEach((number, row) => {
    if (number <= probe && (best < 0 || number > (numbers[best] ?? 0))) best = row;
  });
  return best;
}

/** Ascending with the number; the first bytes are shared by groups, so that prefixes tie. */
function numberToKey(number: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, Math.floor(number / 16) * 0x1_0003);
  key[31] = number % 16;
  return key;
}
