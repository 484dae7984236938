import { assertEquals } from "@std/assert";
import { createVirtualClock } from "./ports.ts";

Deno.test("createVirtualClock() stands at the latest observed timestamp and never goes back", () => {
  const clock = createVirtualClock(100n);
  assertEquals(clock.nowSec(), 100n);
  clock.observe(105n);
  clock.observe(103n);
  assertEquals(clock.nowSec(), 105n);
});
