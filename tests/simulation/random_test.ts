/** Random lives of a rollup with fixed seeds; `main.ts` lives any other. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { simulate } from "./simulate.ts";

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`simulate() keeps every invariant in the life of seed ${seed}`, async () => {
    const summary = await simulate({ seed, steps: 120 });
    assertNotEquals(summary.batches, 0);
    assertNotEquals(summary.includedTxs, 0);
  });
}

Deno.test("simulate() lives the same life again with the same seed", async () => {
  const options = { seed: 77, steps: 40 };
  assertEquals(await simulate(options), await simulate(options));
});
