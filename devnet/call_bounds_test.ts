import { assertEquals, assertThrows } from "@std/assert";
import { callBounds } from "./call_bounds.ts";
import { RpcError } from "./rpc/errors.ts";

/** Bounds whose clock says what `time.nowMs` says. */
function boundsAt() {
  const time = { nowMs: 1_000 };
  return { time, bounds: callBounds(() => time.nowMs) };
}

Deno.test("callBounds() ends a call that takes too long with geth's words", () => {
  const { time, bounds } = boundsAt();
  time.nowMs += 5_000;
  bounds.checkTime();
  time.nowMs += 1;
  const error = assertThrows(() => bounds.checkTime(), RpcError);
  assertEquals([error.code, error.message], [-32000, "execution aborted (timeout = 5s)"]);
});

Deno.test("callBounds() pauses after each slice of time, and not before", async () => {
  const { time, bounds } = boundsAt();
  assertEquals(bounds.breathe(), undefined);
  time.nowMs += 50;
  const pause = bounds.breathe();
  assertEquals(pause instanceof Promise, true);
  await pause;
  assertEquals(bounds.breathe(), undefined);
  time.nowMs += 50;
  await bounds.breathe();
});

Deno.test("callBounds() lets no more than four calls wait at a time", async () => {
  const calls = Array.from({ length: 6 }, boundsAt);
  const pauses = calls.map(({ time, bounds }) => {
    time.nowMs += 50;
    return bounds.breathe();
  });
  assertEquals(pauses.map((pause) => pause !== undefined), [true, true, true, true, false, false]);
  await Promise.all(pauses);
  const [last] = calls.slice(-1);
  assertEquals(last?.bounds.breathe() instanceof Promise, true);
  await new Promise((resolve) => setTimeout(resolve, 0));
});
