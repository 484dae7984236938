import { assertEquals, assertThrows } from "@std/assert";
import { assert, AssertionError, isRollupError, RollupError } from "./errors.ts";

Deno.test("RollupError carries code, details, mend and cause", () => {
  const cause = new Error("below");
  const error = new RollupError("A_CODE", "Cannot go: it is closed", {
    details: { count: 1 },
    mend: "Open it.",
    cause,
  });
  assertEquals(
    [error.name, error.code, error.message, error.details, error.mend, error.cause],
    ["RollupError", "A_CODE", "Cannot go: it is closed", { count: 1 }, "Open it.", cause],
  );
});

Deno.test("RollupError without details or cause has no own cause and empty details", () => {
  const error = new RollupError("A_CODE", "Cannot go", { mend: "Open it." });
  assertEquals([error.details, "cause" in error], [{}, false]);
});

Deno.test("isRollupError() tells by class and by code", () => {
  const error = new RollupError("A_CODE", "Cannot go", { mend: "Open it." });
  assertEquals(isRollupError(error), true);
  assertEquals(isRollupError(error, "A_CODE"), true);
  assertEquals(isRollupError(error, "B_CODE"), false);
  assertEquals(isRollupError({ code: "A_CODE" }), false);
});

Deno.test("assert() throws a defect that says why", () => {
  assert(true, "never shown");
  const error = assertThrows(() => assert(false, "the sum is even"), AssertionError);
  assertEquals(error.message, "Broken invariant: the sum is even");
});
