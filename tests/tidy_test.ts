/**
 * The house rules that no compiler knows, each as one test over the whole repository.
 *
 * Owns what is checked. Does not own the floors themselves, which are `tools/floors.ts`.
 * @module
 */

import { assertEquals } from "@std/assert";
import { assert } from "../core/primitives/errors.ts";
import config from "../deno.json" with { type: "json" };
import { listFixtures, readManifest, sha256Hex } from "./tools/fixtures.ts";
import floorsPlugin from "./tools/floors_plugin.ts";
import { listFiles, readSources, type SourceFile } from "./tools/source_tree.ts";
import { groupOf, listTestFiles } from "./tools/test_groups.ts";

const ROOT = new URL("../", import.meta.url);
const MAX_FILE_LINES = 700;
const MAX_FUNCTION_LINES = 120;
/** Names of folders and files at the root that a document may point into. */
const DOCUMENTED_ROOTS = ["docs/", "cli/", "core/", "devnet/", "fixtures/", "tests/", ".ci/"];

const sources = await readSources(ROOT);

function isGenerated(path: string): boolean {
  return /\/generated(_\w+)?\.ts$/.test(path);
}

function isTest(path: string): boolean {
  return path.startsWith("tests/") || path.endsWith("_test.ts");
}

/** Fakes that only unit tests load; they live beside what they stand for. */
function isTestSupport(path: string): boolean {
  return path.includes("/testing/") || path.endsWith("/testing.ts");
}

/** Fails with one finding a line, so that all of them can be mended at once. */
function assertNone(findings: readonly string[], rule: string): void {
  if (findings.length > 0) throw new Error(`${rule}:\n  ${findings.join("\n  ")}`);
}

Deno.test("floors and purity hold in every file", () => {
  assertNone(
    sources.flatMap(({ path, text }) =>
      Deno.lint.runPlugin(floorsPlugin, path, text).map(({ message }) => message)
    ),
    "Imports go downward only, and core is pure (DESIGN: the house)",
  );
});

Deno.test("imports form no cycle", () => {
  assertNone(findCycles(sources), "Files must not import each other in a circle");
});

Deno.test("files and functions stay readable in size", () => {
  const findings: string[] = [];
  for (const { path, text, functions } of sources) {
    if (isGenerated(path)) continue;
    const lineCount = text.split("\n").length - 1;
    if (lineCount > MAX_FILE_LINES) findings.push(`${path}: ${lineCount} lines`);
    for (const { line, ownLineCount } of functions) {
      if (ownLineCount <= MAX_FUNCTION_LINES) continue;
      findings.push(`${path}:${line}: a function of ${ownLineCount} lines of its own`);
    }
  }
  assertNone(findings, `At most ${MAX_FILE_LINES} lines a file, ${MAX_FUNCTION_LINES} a function`);
});

const taskFiles = [...Object.values(config.tasks).join(" ").matchAll(/[\w/.-]+\.ts/g)].map(
  ([path]) => path,
);

Deno.test("every file that a task runs exists", () => {
  const present = new Set(sources.map(({ path }) => path));
  assertNone(taskFiles.filter((path) => !present.has(path)), "deno.json runs what is not there");
});

Deno.test("every source file is used", () => {
  const roots = ["cli/main.ts", "core/mod.ts", ...taskFiles];
  const crossing = sources.map(({ path }) => path).filter((path) => path.startsWith("tests/"));
  const used = reach([...roots, ...crossing]);
  // A unit test alone keeps only its fakes alive: source that nothing else uses is dead.
  const usedByTests = reach(sources.map(({ path }) => path).filter(isTest));
  const dead = sources.map(({ path }) => path).filter((path) =>
    !isTest(path) && !(isTestSupport(path) ? usedByTests : used).has(path)
  );
  assertNone(dead, "Neither cli/main.ts, core/mod.ts, a task nor a test in tests/ reaches");
});

Deno.test("every test file belongs to one group of the runner", async () => {
  const lost = (await listTestFiles(ROOT)).filter((path) => groupOf(path) === undefined);
  assertNone(lost, "`deno task test` would not run");
});

Deno.test("every path that a document names exists", async () => {
  const findings: string[] = [];
  for (const document of await listFiles(ROOT, ".md")) {
    const text = await Deno.readTextFile(new URL(document, ROOT));
    for (const [, quoted = ""] of text.matchAll(/`([^`\n]+)`/g)) {
      const isPath = DOCUMENTED_ROOTS.some((root) => quoted.startsWith(root));
      // A placeholder or a pattern names no single file.
      if (!isPath || /[<>*{}\s…]/.test(quoted)) continue;
      if (!await exists(new URL(quoted, ROOT))) findings.push(`${document}: ${quoted}`);
    }
  }
  assertNone(findings, "Documents must name only what is there");
});

Deno.test("sources hold no word that hides unfinished or unchecked work", () => {
  const banned: readonly (readonly [RegExp, string])[] = [
    [/\b(FIXME|XXX|HACK)\b/, "write TODO(#issue) or do it"],
    [/\bTODO\b(?!\(#\d+\))/, "name the issue: TODO(#issue)"],
    [/\bas any\b(?=\s*[;,)\].])/, "narrow the type"],
    [/@ts-(ignore|nocheck)/, "mend the type"],
    [/deno-lint-ignore(-file)?(?!.*--)/, "give the reason after --"],
    [/\b(it|test)\.only\(/, "let every test run"],
  ];
  const findings: string[] = [];
  for (const { path, text } of sources) {
    // This file has to name the words.
    if (path === "tests/tidy_test.ts" || isGenerated(path)) continue;
    for (const [index, line] of text.split("\n").entries()) {
      for (const [pattern, mend] of banned) {
        if (pattern.test(line)) findings.push(`${path}:${index + 1}: ${line.trim()} (${mend})`);
      }
    }
  }
  assertNone(findings, "Unfinished or unchecked");
});

Deno.test("file names say what the file holds", () => {
  const vague = /(^|\/)(utils?|helpers?|common|managers?)(_test)?\.ts$/;
  const odd = sources.map(({ path }) => path).filter((path) =>
    vague.test(path) || !/^[a-z0-9_/]+\.ts$/.test(path)
  );
  assertNone(odd, "snake_case, named after the main export");
});

Deno.test("no task, script or document grants every permission", async () => {
  const files = ["deno.json", ".ci/run", ...await listFiles(ROOT, ".md")];
  const findings: string[] = [];
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(file, ROOT));
    if (/(^|[\s"])(-A|--allow-all)\b/m.test(text)) findings.push(file);
  }
  assertNone(findings, "List the permissions");
});

Deno.test("every dependency of deno.json has an exact version of npm", () => {
  const loose = Object.entries(config.imports).filter(([, specifier]) =>
    !/^npm:\/?(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(-[\w.]+)?(\/|$)/.test(specifier)
  );
  assertNone(loose.map(([name, specifier]) => `${name}: ${specifier}`), "Not pinned");
});

Deno.test("every source file says what it owns", () => {
  const silent = sources.filter(({ path, text }) =>
    !isTest(path) && !isGenerated(path) && !/^\/\*\*[\s\S]*?@module[\s\S]*?\*\//.test(text)
  );
  assertNone(silent.map(({ path }) => path), "The first comment must be a module doc (@module)");
});

Deno.test("every export of core says what it is", () => {
  const bare: string[] = [];
  for (const { path, text } of sources.filter(({ path }) => path.startsWith("core/"))) {
    if (isGenerated(path) || isTest(path)) continue;
    const lines = text.split("\n");
    for (const [index, line] of lines.entries()) {
      if (!/^export (async )?(function|const|interface|type|class) \w/.test(line)) continue;
      if (!(lines[index - 1] ?? "").trimEnd().endsWith("*/")) bare.push(`${path}:${index + 1}`);
    }
  }
  assertNone(bare, "A doc comment must stand above an export");
});

Deno.test("every fixture has its hash and source in fixtures/manifest.json", async () => {
  const manifest = await readManifest(ROOT);
  assertEquals([...manifest.keys()].sort(), await listFixtures(ROOT), "one line for each file");
  const changed: string[] = [];
  for (const [path, { sha256 }] of manifest) {
    const actual = await sha256Hex(await Deno.readFile(new URL(path, ROOT)));
    if (actual !== sha256) changed.push(`${path}: ${actual}`);
  }
  assertNone(changed, "Changed; for golden files run `deno task fixtures:update`");
});

Deno.test("the rules above see the repository", () => {
  assert(sources.length > 50, "a scan that finds nothing would pass every rule");
  const main = sources.find(({ path }) => path === "cli/main.ts");
  assert(main !== undefined && main.imports.length > 0, "imports are read from real files");
  assert(main.functions.length > 0, "functions are measured in real files");
});

/** Files that can be reached from `roots` over imports of any kind. */
function reach(roots: readonly string[]): Set<string> {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reached = new Set<string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    for (const found of byPath.get(path)?.imports ?? []) {
      if (found.path !== undefined) open.push(found.path);
    }
  }
  return reached;
}

/** Circles of imports; types are left out, as they are gone when the program runs. */
function findCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const { path: next, isType } of byPath.get(path)?.imports ?? []) {
      if (next !== undefined && !isType) visit(next, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return cycles;
}

async function exists(url: URL): Promise<boolean> {
  try {
    await Deno.stat(url);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
