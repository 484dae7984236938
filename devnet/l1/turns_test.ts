import { assert, assertEquals } from "@std/assert";
import { createTurns } from "./turns.ts";

Deno.test("createTurns() hands on once a turn is over, to whoever waits", async () => {
  const turns = createTurns();
  let hadTurn = false;
  setTimeout(() => hadTurn = true, 0);
  let wait: Promise<number> | undefined;
  while (wait === undefined) wait = turns.handOn();
  assertEquals(hadTurn, false);
  assert(await wait >= 0);
  assertEquals(hadTurn, true);
});
