import { assertEquals } from "@std/assert";
import plugin from "./floors_plugin.ts";
import { FLOORS, placeOf } from "./floors.ts";

/** `rule: message` of each finding, in the order of the source. */
function findings(path: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, path, source).map(({ id, message }) => `${id}: ${message}`);
}

Deno.test("floors allows imports downward and inside one room", () => {
  assertEquals(
    findings(
      "core/store/tables.ts",
      `import { a } from "./schema.ts";
       import type { B } from "../types/batch.ts";
       export { c } from "../primitives/hex.ts";
       import { d } from "@noble/hashes/sha3.js";
       import { e } from "node:fs";`,
    ),
    [],
  );
});

Deno.test("floors refuses an import that climbs, in each of its forms", () => {
  const message = "varve/floors: core/types must not import core/store, which stands above it";
  for (
    const source of [
      `import { a } from "../store/schema.ts";`,
      `import type { A } from "../store/schema.ts";`,
      `export { a } from "../store/schema.ts";`,
      `export * from "../store/schema.ts";`,
      `const a = await import("../store/schema.ts");`,
      `type A = import("../store/schema.ts").A;`,
    ]
  ) assertEquals(findings("core/types/tx.ts", source), [message], source);
});

Deno.test("floors refuses an import between rooms of one floor", () => {
  assertEquals(findings("core/pool/pool.ts", `import { a } from "../vm/executor.ts";`), [
    "varve/floors: core/pool and core/vm stand on one floor and must not import each other",
  ]);
});

Deno.test("floors refuses source that imports a test or a file outside of the rooms", () => {
  assertEquals(
    findings(
      "devnet/rpc/server.ts",
      `import { a } from "../devnet_test.ts";
       import { b } from "../../tests/tools/foundry.ts";
       import c from "../../fixtures/manifest.json" with { type: "json" };`,
    ),
    [
      "varve/floors: devnet/rpc/server.ts is source and must not import the test devnet/devnet_test.ts",
      "varve/floors: devnet/rpc/server.ts is source and must not import the test tests/tools/foundry.ts",
      "varve/floors: fixtures/manifest.json is in no room that source may import",
    ],
  );
});

Deno.test("floors lets tests import from any floor but not from outside of deno.json", () => {
  const source = `import { a } from "../../cli/main.ts"; import { b } from "npm:viem@2";`;
  const expected = [
    'varve/floors: "npm:viem@2" is not a name of deno.json "imports", where versions are pinned',
  ];
  assertEquals(findings("core/types/tx_test.ts", source), expected);
  assertEquals(findings("tests/e2e/main_test.ts", source), expected);
});

Deno.test("floors keeps @ethereumjs in its adapters", () => {
  const source = `import { createVM } from "@ethereumjs/vm";`;
  const allowed = [
    "devnet/l1/chain.ts",
    "tests/oracle/executor.ts",
    "tests/conformance/vm_test.ts",
  ];
  const refused = [
    "core/vm/executor.ts",
    "core/l1/x_ethereumjs.ts",
    "devnet/l1/chain_test.ts",
    "core/vm/host/instance.ts",
    "devnet/devnet.ts",
  ];
  for (const path of allowed) assertEquals(findings(path, source), [], path);
  for (const path of refused) assertEquals(findings(path, source).length, 1, path);
});

Deno.test("purity refuses each reach outside of a pure room", () => {
  for (
    const [code, name] of [
      ["Deno.cwd()", "Deno"],
      ["globalThis.Deno.cwd()", "globalThis.Deno"],
      ["Date.now()", "Date.now"],
      ["globalThis.Date.now()", "Date.now"],
      [`Date["now"]()`, "Date.now"],
      ["new Date()", "new Date()"],
      ["Date()", "Date()"],
      ["Math.random()", "Math.random"],
      ["crypto.getRandomValues(x)", "crypto.getRandomValues"],
      ["crypto.randomUUID()", "crypto.randomUUID"],
      ["setTimeout(f, 1)", "setTimeout"],
      ["setInterval(f, 1)", "setInterval"],
      ["AbortSignal.timeout(1)", "AbortSignal.timeout"],
      ["console.log(1)", "console"],
      ["fetch(url)", "fetch"],
      ["const { fetch } = globalThis", "fetch"],
    ] as const
  ) {
    const expected = `varve/purity: core/pool/pool.ts is pure and must not use ${name}`;
    assertEquals(new Set(findings("core/pool/pool.ts", code)), new Set([expected]), code);
  }
});

Deno.test("purity allows members of the same name and conversions of given values", () => {
  assertEquals(
    findings(
      "core/pool/pool.ts",
      `const log = l1.fetch(new Date(ms), Math.max(1, 2), { console: 1 });
       interface Port { fetch(url: string): void; performance: number }`,
    ),
    [],
  );
});

Deno.test("purity exempts the impure parts, tests, devnet and cli", () => {
  for (
    const path of [
      "core/store/kv.ts",
      "core/l1/backends/json_rpc.ts",
      "core/proving/provers/mock/mod.ts",
      "core/vm/host.ts",
      "core/pool/pool_test.ts",
      "devnet/driver.ts",
      "cli/main.ts",
    ]
  ) assertEquals(findings(path, "Deno.cwd(); Date.now();"), [], path);
});

Deno.test("placeOf() finds the room and puts the public door above the engine", () => {
  assertEquals(placeOf("core/l1/backends/json_rpc.ts")?.room, "core/l1");
  assertEquals(placeOf("core/mod.ts")?.room, "core/mod.ts");
  assertEquals(placeOf("tests/tidy_test.ts"), undefined);
  assertEquals(FLOORS.at(-1), ["cli"]);
});
