import { assertEquals, assertThrows } from "@std/assert";
import { AssertionError } from "./errors.ts";
import { createVirtualClock } from "./ports.ts";

Deno.test("createVirtualClock() stands at the latest observed timestamp and never goes back", () => {
  const clock = createVirtualClock(100n);
  assertEquals(clock.nowSec(), 100n);
  clock.observe(105n);
  clock.observe(103n);
  assertEquals(clock.nowSec(), 105n);
});

Deno.test("createVirtualClock() stands where it is set, and as it stood at a mark", () => {
  const clock = createVirtualClock(100n);
  clock.advance(5n);
  const mark = clock.mark();
  clock.set(90n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [90n, -10n]);
  clock.observe(300n);
  clock.restore(mark);
  assertEquals([clock.nowSec(), clock.advancedSec()], [105n, 5n]);
});

Deno.test("createVirtualClock() jumps by what it is advanced by, and never back", () => {
  const clock = createVirtualClock(100n);
  clock.advance(50n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [150n, 50n]);
  clock.observe(140n);
  clock.advance(0n);
  clock.advance(7n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [157n, 57n]);
  assertThrows(() => clock.advance(-1n), AssertionError);
  assertEquals([clock.nowSec(), clock.advancedSec()], [157n, 57n]);
});
