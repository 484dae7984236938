import { assertEquals, assertThrows } from "@std/assert";
import { AssertionError } from "../core/primitives/errors.ts";
import { createRealClock } from "./clock.ts";

Deno.test("createRealClock() follows the time of day, never back and never behind a chain", () => {
  let nowMs = 100_999;
  const clock = createRealClock(() => nowMs);
  assertEquals(clock.nowSec(), 100n);
  clock.observe(105n);
  assertEquals(clock.nowSec(), 105n);
  nowMs = 90_000;
  assertEquals(clock.nowSec(), 105n);
  nowMs = 106_000;
  assertEquals(clock.nowSec(), 106n);
});

Deno.test("createRealClock() keeps what it is advanced by", () => {
  let nowMs = 100_000;
  const clock = createRealClock(() => nowMs);
  clock.advance(50n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [150n, 50n]);
  nowMs = 103_000;
  assertEquals(clock.nowSec(), 153n);
  // A chain that is ahead of the time of day jumps too.
  clock.observe(160n);
  clock.advance(10n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [170n, 60n]);
  nowMs = 111_000;
  assertEquals(clock.nowSec(), 171n);
  assertThrows(() => clock.advance(-1n), AssertionError);
});

Deno.test("createRealClock() goes on from where it is set, earlier or later", () => {
  let nowMs = 100_000;
  const clock = createRealClock(() => nowMs);
  clock.set(50n);
  assertEquals([clock.nowSec(), clock.advancedSec()], [50n, -50n]);
  nowMs = 102_000;
  assertEquals(clock.nowSec(), 52n);
  clock.set(500n);
  nowMs = 103_000;
  assertEquals(clock.nowSec(), 501n);
});

Deno.test("createRealClock() stands as at its mark, but for the time that has passed", () => {
  let nowMs = 100_000;
  const clock = createRealClock(() => nowMs);
  clock.advance(10n);
  const mark = clock.mark();
  clock.advance(1_000n);
  nowMs = 103_000;
  assertEquals(clock.nowSec(), 1_113n);
  clock.restore(mark);
  assertEquals([clock.nowSec(), clock.advancedSec()], [113n, 10n]);
});

Deno.test("createRealClock() is moved by chains and people alone while it is held", () => {
  let nowMs = 100_000;
  const clock = createRealClock(() => nowMs);
  clock.hold(true);
  nowMs = 110_000;
  assertEquals(clock.nowSec(), 100n);
  clock.observe(104n);
  clock.advance(2n);
  assertEquals(clock.nowSec(), 106n);
  clock.hold(false);
  assertEquals(clock.nowSec(), 112n);
});
