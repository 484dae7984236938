import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import type { Flags, GivenValue } from "./args.ts";
import { flagToEnvName, parseConfig, resolveGiven } from "./config.ts";

const FLAGS = {
  "l1-port": { type: "port", summary: "a port" },
  "data-dir": { type: "string", setting: "data", summary: "a folder" },
  from: { type: "string", summary: "an account" },
  "private-key": { type: "hex", summary: "a key" },
  help: { type: "boolean", summary: "help" },
} as const satisfies Flags;

function resolve(
  sources: {
    line?: Record<string, string>;
    env?: Record<string, string>;
    file?: Record<string, string>;
  },
): Record<string, string> {
  const line = new Map<string, GivenValue>(
    Object.entries(sources.line ?? {}).map(([name, text]) => [name, { text, source: name }]),
  );
  const given = resolveGiven(FLAGS, line, {
    settings: {
      env: (name) => sources.env?.[name],
      file: new Map(Object.entries(sources.file ?? {})),
    },
    exclusive: [["from", "private-key"]],
  });
  return Object.fromEntries([...given].map(([name, { text }]) => [name, text]));
}

function refusal(act: () => unknown): string {
  return assertThrows(act, RollupError).code;
}

Deno.test("resolveGiven() prefers the line to the environment to the file", () => {
  const file = { "l1-port": "3", data: "file" };
  const env = { VARVE_L1_PORT: "2", VARVE_DATA: "env" };
  assertEquals(resolve({ file }), { "l1-port": "3", "data-dir": "file" });
  assertEquals(resolve({ env, file }), { "l1-port": "2", "data-dir": "env" });
  assertEquals(resolve({ line: { "l1-port": "1" }, env, file }), {
    "l1-port": "1",
    "data-dir": "env",
  });
});

Deno.test("resolveGiven() takes an empty variable as unset and never help from settings", () => {
  assertEquals(resolve({ env: { VARVE_DATA: "", VARVE_HELP: "1" } }), {});
});

Deno.test("resolveGiven() refuses two of a group on one source", () => {
  const both = { from: "1", "private-key": "0x" };
  assertEquals(refusal(() => resolve({ line: both })), "USAGE_CONFLICT");
  assertEquals(refusal(() => resolve({ file: both })), "USAGE_CONFLICT");
});

Deno.test("resolveGiven() lets a stronger source silence the rest of a group", () => {
  const env = { VARVE_FROM: "1" };
  assertEquals(resolve({ line: { "private-key": "0x" }, env }), { "private-key": "0x" });
});

Deno.test("flagToEnvName() spells a flag as a variable", () => {
  assertEquals(flagToEnvName("l1-port"), "VARVE_L1_PORT");
});

Deno.test("parseConfig() reads text, numbers and booleans by flag name", () => {
  const text = '{"l1-port": 0, "data": "x", "manual": true}';
  assertEquals([...parseConfig(text, ["l1-port", "data", "manual"])], [
    ["l1-port", "0"],
    ["data", "x"],
    ["manual", "true"],
  ]);
});

Deno.test("parseConfig() refuses broken JSON, other shapes, unknown keys and nested values", () => {
  for (const text of ["{", "[]", "null", '{"l1port": 1}', '{"data": {}}', '{"data": null}']) {
    assertEquals(refusal(() => parseConfig(text, ["l1-port", "data"])), "USAGE_CONFIG_INVALID");
  }
});
