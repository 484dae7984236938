/**
 * The real process: help texts, misuse, exit codes and streams, without any chain.
 *
 * Owns what a person meets first. Does not own commands that open a rollup.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { commands } from "../../cli/commands/mod.ts";
import { VERSION } from "../../cli/version.ts";

const ROOT = new URL("../../", import.meta.url);

interface Finished {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the tool in an empty folder, with no more permissions than its first lines need. */
async function varve(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const cwd = await Deno.makeTempDir();
  const config = new URL("deno.json", ROOT).pathname;
  const main = new URL("cli/main.ts", ROOT).pathname;
  const flags = ["--quiet", "--no-check", `--config=${config}`, "--allow-read", "--allow-env"];
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", ...flags, main, ...argv],
    cwd,
    env,
    stdin: "null",
  }).output();
  await Deno.remove(cwd, { recursive: true });
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr) };
}

async function golden(name: string): Promise<string> {
  const path = `fixtures/golden/help/${name}.txt`;
  try {
    return await Deno.readTextFile(new URL(path, ROOT));
  } catch (cause) {
    throw new Error(`${path} cannot be read: run \`deno task fixtures:update\``, { cause });
  }
}

Deno.test("varve --help matches its golden text and exits 0", async () => {
  const run = await varve(["--help"]);
  assertEquals([run.code, run.err], [0, ""]);
  assertEquals(run.out, await golden("varve"));
});

for (const { name } of commands) {
  Deno.test(`varve ${name} --help matches its golden text and exits 0`, async () => {
    const run = await varve([name, "--help"]);
    assertEquals([run.code, run.err], [0, ""]);
    assertEquals(run.out, await golden(name));
  });
}

Deno.test("help texts stay within 100 columns but for lines to be copied", async () => {
  for (const name of ["varve", ...commands.map((command) => command.name)]) {
    for (const line of (await golden(name)).split("\n")) {
      assert(line.length <= 100 || line.startsWith("  varve "), `${name}: ${line}`);
    }
  }
});

Deno.test("varve --version prints the version of deno.json", async () => {
  const run = await varve(["--version"]);
  assertEquals([run.code, run.out], [0, `varve ${VERSION}\n`]);
  const config: unknown = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  assertEquals(Reflect.get(Object(config), "version"), VERSION);
});

Deno.test("varve exits 2 at an unknown command, suggests the nearest, leaves stdout empty", async () => {
  const run = await varve(["sael-batch"]);
  assertEquals([run.code, run.out], [2, ""]);
  assertStringIncludes(run.err, 'Did you mean "seal-batch"?');
});

Deno.test("varve exits 2 at an unknown flag, a bad setting and no command", async () => {
  const flag = await varve(["sync", "--jsno"]);
  assertEquals([flag.code, flag.out], [2, ""]);
  assertStringIncludes(flag.err, "Did you mean --json?");
  assertEquals((await varve([])).code, 2);
  assertEquals((await varve(["sync"], { VARVE_CLOCK: "sundial" })).code, 2);
});

Deno.test("varve --json prints misuse as the one JSON document on stdout", async () => {
  const run = await varve(["inspect-state", "blok", "--json"]);
  assertEquals([run.code, run.err], [2, ""]);
  const { error } = JSON.parse(run.out);
  assertEquals(error.code, "USAGE_INVALID_VALUE");
  assertEquals(error.mend, 'Did you mean "block"?');
});
