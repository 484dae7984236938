import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { editDistance, findNearest } from "./nearest.ts";

const COMMANDS = ["devnet", "send-tx", "seal-batch", "prove", "submit", "sync", "inspect-state"];

Deno.test("findNearest() finds mistyped and shortened words and nothing far away", () => {
  const cases: [string, string | undefined][] = [
    ["sbumit", "submit"],
    ["inspect", "inspect-state"],
    ["sendtx", "send-tx"],
    ["Prove", "prove"],
    ["sink", undefined],
    ["xylophone", undefined],
    ["", undefined],
  ];
  for (const [word, wanted] of cases) {
    assertEquals(findNearest(word, COMMANDS), wanted, word);
  }
});

Deno.test("editDistance() counts a swap as one step", () => {
  assertEquals(editDistance("ab", "ba"), 1);
  assertEquals(editDistance("kitten", "sitting"), 3);
  assertEquals(editDistance("", "abc"), 3);
});

Deno.test("editDistance() is symmetric, zero only for equal words, at most the longer length", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
      const distance = editDistance(left, right);
      assertEquals(distance, editDistance(right, left));
      assertEquals(distance === 0, left === right);
      assertEquals(distance <= Math.max(left.length, right.length), true);
    }),
    { seed: 20261124 },
  );
});
