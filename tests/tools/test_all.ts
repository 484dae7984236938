/**
 * `deno task test [group...]`: runs the groups one after another and prints one closing line.
 *
 * Owns how a group is run and what it may touch on the way. Does not own the table of groups, which is
 * `test_groups.ts`, nor the verdict on a run, which is `test_report.ts`.
 * @module
 */

import { findChromium } from "../browser/chromium.ts";
import { anvilPath, castPath, forgePath } from "./foundry.ts";
import { groupOf, listTestFiles, TEST_GROUPS, type TestGroup } from "./test_groups.ts";
import {
  addCounts,
  closingLine,
  countJunit,
  judgeRun,
  NO_TESTS,
  type TestCounts,
  type Verdict,
} from "./test_report.ts";

const ROOT = new URL("../../", import.meta.url);

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

/** The flags of a group with its placeholders filled; a flag left without a value is dropped. */
async function fillPermissions(group: TestGroup, tempDir: string): Promise<string[]> {
  const flags: string[] = [];
  for (const permission of group.permissions) {
    const [flag = "", list] = permission.split("=");
    if (list === undefined) {
      flags.push(flag);
      continue;
    }
    const values = await Promise.all(list.split(",").map((value) => fillValue(value, tempDir)));
    const present = values.filter((value) => value !== undefined);
    if (present.length > 0) flags.push(`${flag}=${present.join(",")}`);
  }
  return flags;
}

function fillValue(value: string, tempDir: string): Promise<string | undefined> {
  switch (value) {
    case "{deno}":
      return Promise.resolve(Deno.execPath());
    case "{temp}":
      return Promise.resolve(tempDir);
    case "{cast}":
      return castPath();
    case "{anvil}":
      return anvilPath();
    case "{forge}":
      return forgePath();
    case "{chromium}":
      return findChromium();
    default:
      return Promise.resolve(value);
  }
}

async function runGroup(group: TestGroup, files: readonly string[]): Promise<Verdict> {
  const tempDir = await Deno.makeTempDir({ prefix: `varve-${group.name}-` });
  const junitPath = `${tempDir}/junit.xml`;
  try {
    const args = [
      "test",
      "--no-prompt",
      `--junit-path=${junitPath}`,
      ...(group.isParallel ? ["--parallel"] : []),
      ...await fillPermissions(group, tempDir),
      ...files,
    ];
    const child = new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { TMPDIR: tempDir, TMP: tempDir, TEMP: tempDir },
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const { success } = await child.status;
    return judgeRun(await readCounts(junitPath), success);
  } finally {
    await Deno.remove(tempDir, { recursive: true });
  }
}

/** A run without a report, as after a type error, counts no tests. */
async function readCounts(junitPath: string): Promise<TestCounts> {
  try {
    return countJunit(await Deno.readTextFile(junitPath));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_TESTS;
    throw error;
  }
}

/** The groups that `names` asks for, all when it is empty; `undefined` when a name is unknown. */
function chooseGroups(names: readonly string[]): readonly TestGroup[] | undefined {
  const unknown = names.filter((name) => !TEST_GROUPS.some((group) => group.name === name));
  if (unknown.length > 0) return undefined;
  return TEST_GROUPS.filter((group) => names.length === 0 || names.includes(group.name));
}

async function main(names: readonly string[]): Promise<number> {
  const groups = chooseGroups(names);
  if (groups === undefined) {
    const known = TEST_GROUPS.map((group) => group.name).join(", ");
    say(`Cannot run tests of ${names.join(", ")}: the groups are ${known}`);
    return 2;
  }
  const files = await listTestFiles(ROOT);
  let total = NO_TESTS;
  for (const group of groups) {
    const groupFiles = files.filter((file) => groupOf(file) === group);
    if (groupFiles.length === 0) continue;
    say(`\n== ${group.name} ==`);
    const { counts, reason } = await runGroup(group, groupFiles);
    say(`${group.name}: ${reason ?? "ok"}`);
    total = addCounts(total, counts);
  }
  say("");
  say(closingLine(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
