import { assertEquals } from "@std/assert";
import { parseSource } from "./source_tree.ts";

Deno.test("parseSource() finds every form of import and resolves files from the root", () => {
  const { imports } = parseSource(
    "core/tree/leaf.ts",
    `import { a } from "./state_tree.ts";
     import type { B } from "../types/batch.ts";
     export * from "../crypto/keccak.ts";
     export { c } from "@noble/hashes/sha3.js";
     export type D = import("../primitives/hex.ts").Hex;
     const e = await import("../../cli/main.ts");
     new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });`,
  );
  const found = imports.map(({ path, isType }) => `${path} ${isType ? "type" : "value"}`);
  assertEquals(found.toSorted(), [
    "cli/main.ts value",
    "core/crypto/keccak.ts value",
    "core/primitives/hex.ts type",
    "core/tree/state_tree.ts value",
    "core/tree/worker.ts value",
    "core/types/batch.ts type",
    "undefined value",
  ]);
});

Deno.test("parseSource() counts a function's own lines without those of inner functions", () => {
  const { functions } = parseSource(
    "core/tree/leaf.ts",
    `function outer() {
  const inner = () => {
    return 1;
  };
  return inner;
}
`,
  );
  const found = functions.map(({ line, ownLineCount }) => [line, ownLineCount] as const);
  assertEquals(found.toSorted(([a], [b]) => a - b), [[1, 3], [2, 3]]);
});
