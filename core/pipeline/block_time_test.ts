import { assertEquals } from "@std/assert";
import { createVirtualClock } from "../primitives/ports.ts";
import { latestNextTimestampSec, nextTimestampSec } from "./block_time.ts";

const PARENT = { timestampSec: 1_000n };
const LATEST = 1_000n + 4_294_967_295n;

/** The next time by a clock that stands at `nowSec`. */
function nextAt(nowSec: bigint, timing: { intervalSec?: bigint; nextSec?: bigint } = {}): bigint {
  const { intervalSec, nextSec } = timing;
  const clock = createVirtualClock(nowSec);
  return nextTimestampSec({ clock, timing: { intervalSec, nextSec } }, PARENT);
}

Deno.test("nextTimestampSec() is the clock's time, and later than the parent's", () => {
  assertEquals([990n, 1_000n, 1_001n, 5_000n].map((now) => nextAt(now)), [
    1_001n,
    1_001n,
    1_001n,
    5_000n,
  ]);
});

Deno.test("nextTimestampSec() keeps the interval, but a chosen time goes before it", () => {
  assertEquals(nextAt(1_001n, { intervalSec: 12n }), 1_012n);
  assertEquals(nextAt(1_050n, { intervalSec: 12n }), 1_050n);
  assertEquals(nextAt(1_050n, { intervalSec: 12n, nextSec: 1_003n }), 1_003n);
  // The chain may have moved on since it was chosen.
  assertEquals(nextAt(1_050n, { nextSec: 900n }), 1_001n);
});

Deno.test("nextTimestampSec() is never further from the parent than batch data can tell", () => {
  assertEquals(latestNextTimestampSec(PARENT), LATEST);
  assertEquals([LATEST - 1n, LATEST, LATEST + 1n].map((now) => nextAt(now)), [
    LATEST - 1n,
    LATEST,
    LATEST,
  ]);
  assertEquals(nextAt(1_001n, { nextSec: LATEST + 1n }), LATEST);
});
