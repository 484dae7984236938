import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { runSteps, runStepsWithin, type Steps } from "./steps.ts";

/** Counts to three, and says so. */
function* countToThree(said: number[]): Steps<string> {
  for (let count = 1; count <= 3; count++) {
    said.push(count);
    yield;
  }
  return "done";
}

Deno.test("runSteps() runs all pieces and answers the value", () => {
  const said: number[] = [];
  assertEquals(runSteps(countToThree(said)), "done");
  assertEquals(said, [1, 2, 3]);
});

Deno.test("runStepsWithin() answers at once where nobody wants a pause", () => {
  assertEquals(runStepsWithin(countToThree([]), {}), "done");
});

Deno.test("runStepsWithin() asks for time before each piece, and ends with what that throws", () => {
  const said: number[] = [];
  let asked = 0;
  const late = new Error("late");
  const checkTime = () => {
    asked++;
    if (asked === 3) throw late;
  };
  assertEquals(assertThrows(() => runStepsWithin(countToThree(said), { checkTime })), late);
  assertEquals(said, [1, 2]);
});

Deno.test("runStepsWithin() waits for each pause, and lets others run meanwhile", async () => {
  const said: number[] = [];
  let pauses = 0;
  const breathe = () => {
    pauses++;
    return Promise.resolve().then(() => void said.push(-pauses));
  };
  assertEquals(await runStepsWithin(countToThree(said), { breathe }), "done");
  assertEquals(said, [-1, 1, -2, 2, -3, 3, -4]);
});

Deno.test("runStepsWithin() rejects with what a check after a pause throws", async () => {
  const late = new Error("late");
  let isLate = false;
  const bounds = {
    checkTime: () => {
      if (isLate) throw late;
    },
    breathe: () => {
      isLate = true;
      return Promise.resolve();
    },
  };
  const run = async () => await runStepsWithin(countToThree([]), bounds);
  assertEquals(await assertRejects(run), late);
});
