import { assertEquals } from "@std/assert";
import { createAnswerBodies } from "./answer_body.ts";

const LIMITS = { maxHeldAnswerChars: 2_000_000, answerStallTimeoutMs: 60_000 };

Deno.test("send() gives the text of all parts, whatever characters its pieces end with", async () => {
  const bodies = createAnswerBodies(LIMITS);
  // Characters of one to four bytes, of which some stand astride of every piece's end.
  const long = "aü€😀".repeat(40_000);
  for (const parts of [[long], ["[", "", long, "]", ""], [...`x${long.slice(0, 200_000)}`]]) {
    const body = bodies.send(parts);
    assertEquals(await new Response(body).text(), parts.join(""));
    assertEquals(bodies.heldChars(), 0);
  }
  await bodies.settled();
});

Deno.test("send() refuses what would be too much to hold, and takes it later", async () => {
  const bodies = createAnswerBodies(LIMITS);
  const parts = ["x".repeat(1_000_000), "y".repeat(500_000)];
  const body = bodies.send(parts);
  assertEquals(bodies.heldChars(), 1_500_000);
  assertEquals(bodies.send(parts), undefined);
  await body?.cancel();
  assertEquals(bodies.heldChars(), 0);
  const again = bodies.send(parts);
  assertEquals((await new Response(again).text()).length, 1_500_000);
});
