import { assertEquals, assertRejects } from "@std/assert";
import { RpcError } from "./errors.ts";
import { createRewindGate, readWhole } from "./rewinds.ts";

Deno.test("readWhole() waits while the chain goes back, for all of it", async () => {
  const gate = createRewindGate();
  const events: string[] = [];
  const ends = [1, 2].map(() => Promise.withResolvers<void>());
  for (const { promise } of ends) gate.during(promise);
  const reading = readWhole(gate, () => events.push("read"));
  ends[0]?.resolve();
  await ends[0]?.promise;
  events.push("one is over");
  ends[1]?.resolve();
  await reading;
  assertEquals(events, ["one is over", "read"]);
  assertEquals(gate.over(), undefined);
});

Deno.test("readWhole() reads again what was under way, whether it failed or not", async () => {
  for (const isFailing of [true, false]) {
    const gate = createRewindGate();
    let reads = 0;
    const result = await readWhole(gate, async () => {
      if (++reads === 3) return "whole";
      await gate.during(Promise.resolve());
      if (isFailing) throw new TypeError("a block is missing");
      return "half";
    });
    assertEquals([result, reads], ["whole", 3]);
  }
});

Deno.test("readWhole() tells a failure of its own at once, and gives up some time", async () => {
  const gate = createRewindGate();
  // A rewind that fails has taken blocks back all the same.
  await gate.during(Promise.reject(new TypeError("half way"))).catch(() => {});
  assertEquals([gate.count(), await gate.over()], [1, undefined]);
  await assertRejects(() => readWhole(gate, () => Promise.reject(new TypeError("no"))), TypeError);
  const again = () => readWhole(gate, () => gate.during(Promise.resolve()));
  await assertRejects(again, RpcError, "it went back 50 times");
});
