import { assertEquals } from "@std/assert";
import { createWeightedMap } from "./weighted_map.ts";

Deno.test("createWeightedMap() forgets the oldest entries when a new one needs room", () => {
  const map = createWeightedMap<string, number>(10);
  map.set("a", 1, 4);
  map.set("b", 2, 4);
  map.set("c", 3, 5);
  assertEquals([map.get("a"), map.get("b"), map.get("c")], [undefined, 2, 3]);
});

Deno.test("createWeightedMap() counts a replaced entry once", () => {
  const map = createWeightedMap<string, number>(10);
  map.set("a", 1, 6);
  map.set("a", 2, 6);
  map.set("b", 3, 4);
  assertEquals([map.get("a"), map.get("b")], [2, 3]);
});

Deno.test("createWeightedMap() keeps out what alone is too heavy", () => {
  const map = createWeightedMap<string, number>(10);
  map.set("a", 1, 6);
  map.set("b", 2, 11);
  assertEquals([map.get("a"), map.get("b")], [1, undefined]);
});

Deno.test("WeightedMap.forget() takes out what is picked, and its weight", () => {
  const map = createWeightedMap<number, string>(10);
  map.set(1, "one", 5);
  map.set(2, "two", 5);
  map.forget((key) => key >= 2);
  map.set(3, "three", 5);
  assertEquals([map.get(1), map.get(2), map.get(3)], ["one", undefined, "three"]);
});
