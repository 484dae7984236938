import { assertEquals } from "@std/assert";
import { assert } from "../primitives/errors.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
import { REFUSAL_MEANINGS, refusalMeaning } from "./submit_refusals.ts";

Deno.test("refusalMeaning() knows errors of the contract and nothing that it does not have", () => {
  const declared = new Set<string>(
    ROLLUP_ABI.flatMap((entry) => entry.type === "error" ? [entry.name] : []),
  );
  assertEquals(Object.keys(REFUSAL_MEANINGS).filter((name) => !declared.has(name)), []);
});

Deno.test("refusalMeaning() says of any other name that it is unknown", () => {
  for (const name of ["", "unknown", "Panic", "toString"]) {
    assert(refusalMeaning(name).check.includes("no reason"), name);
  }
});
