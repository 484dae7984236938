import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { AssertionError, RollupError } from "../core/primitives/errors.ts";
import type { Log } from "../core/primitives/ports.ts";
import { commands } from "./commands/mod.ts";
import { describeError } from "./run.ts";
import { runFake } from "./testing/fake_world.ts";

Deno.test("runCli() prints help for the tool, for each command and through help", async () => {
  const tool = await runFake(["--help"]);
  assertEquals(tool.code, 0);
  for (const command of commands) {
    assertStringIncludes(tool.out, `  ${command.name} `);
    const help = await runFake([command.name, "--help"]);
    assertEquals(help.code, 0);
    assertStringIncludes(help.out, `Usage: varve ${command.name}`);
    assertStringIncludes(help.out, "Examples:");
    assertEquals((await runFake(["help", command.name])).out, help.out);
    for (const { line } of command.examples) assertStringIncludes(line, `varve ${command.name}`);
  }
});

Deno.test("runCli() gives help even when the rest of the line is wrong, and opens nothing", async () => {
  const run = await runFake(["prove", "--nonsense", "-h"]);
  assertEquals([run.code, run.opened.length], [0, 0]);
});

Deno.test("runCli() exits 2 at an unknown command and suggests the nearest", async () => {
  const run = await runFake(["seal_batchh"]);
  assertEquals([run.code, run.out], [2, ""]);
  assertStringIncludes(run.err, 'Did you mean "seal-batch"?');
  assertEquals((await runFake([])).code, 2);
});

Deno.test("runCli() exits 2 at an unknown flag and at a surplus argument", async () => {
  const flag = await runFake(["prove", "--wroker"]);
  assertEquals(flag.code, 2);
  assertStringIncludes(flag.err, "Did you mean --worker?");
  assertEquals((await runFake(["sync", "now"])).code, 2);
});

Deno.test("runCli() exits 1 at a refusal and prints code, message and mend on stderr", async () => {
  const refuse = () =>
    Promise.reject(
      new RollupError("NOTHING_TO_SEAL", "Cannot seal a batch: the pool is empty", {
        mend: "Run `send-tx` first.",
        details: { pooled: 0n },
      }),
    );
  const human = await runFake(["seal-batch", "-q"], { engine: { sealBatch: refuse } });
  assertEquals([human.code, human.out], [1, ""]);
  assertEquals(
    human.err,
    "Error NOTHING_TO_SEAL: Cannot seal a batch: the pool is empty\nMend: Run `send-tx` first.\n",
  );
  const json = await runFake(["seal-batch", "--json"], { engine: { sealBatch: refuse } });
  assertEquals(json.code, 1);
  assertEquals(JSON.parse(json.out), {
    error: {
      code: "NOTHING_TO_SEAL",
      message: "Cannot seal a batch: the pool is empty",
      mend: "Run `send-tx` first.",
      details: { pooled: "0" },
    },
  });
});

Deno.test("runCli() prints misuse as JSON too, whichever way JSON was asked for", async () => {
  for (
    const run of [
      await runFake(["prove", "--nonsense", "--json"]),
      await runFake(["prove", "--nonsense"], { env: { VARVE_JSON: "1" } }),
    ]
  ) {
    assertEquals(run.code, 2);
    assertEquals(JSON.parse(run.out).error.code, "USAGE_UNKNOWN_FLAG");
  }
});

Deno.test("runCli() exits 70 at a defect and shows its stack and cause", async () => {
  const cause = new Error("the deeper reason");
  const run = await runFake(["sync"], {
    engine: { sync: () => Promise.reject(new TypeError("surprise", { cause })) },
  });
  assertEquals(run.code, 70);
  assertStringIncludes(run.err, "Error DEFECT: Cannot go on: surprise");
  assertStringIncludes(run.err, "the deeper reason");
});

Deno.test("runCli() disposes of the engine whether the verb worked or not", async () => {
  for (const sync of [undefined, () => Promise.reject(new Error("no"))]) {
    let disposed = 0;
    await runFake(["sync"], {
      engine: {
        ...(sync === undefined ? {} : { sync }),
        [Symbol.asyncDispose]: () => Promise.resolve(void disposed++),
      },
    });
    assertEquals(disposed, 1);
  }
});

Deno.test("runCli() takes flags from the line, then VARVE_*, then varve.json", async () => {
  const config = '{"data": "from-file", "clock": "real"}';
  const dirOf = async (argv: string[], env: Record<string, string>) => {
    const { opened } = await runFake(["sync", ...argv], { env, config });
    return opened.map((each) => "dataDir" in each ? [each.dataDir, each.clock] : []);
  };
  assertEquals(await dirOf([], {}), [["from-file", "real"]]);
  assertEquals(await dirOf([], { VARVE_DATA: "from-env" }), [["from-env", "real"]]);
  assertEquals(await dirOf(["--data", "x"], { VARVE_DATA: "from-env" }), [["x", "real"]]);
  assertEquals((await runFake(["sync"], { config: '{"dta": 1}' })).code, 2);
});

Deno.test("runCli() writes the log with --verbose only, and progress unless --quiet", async () => {
  assertStringIncludes((await runFake(["submit"])).err, "Sequencing batch 3");
  assertEquals((await runFake(["submit", "--quiet"])).err, "");
  const logging = { onStart: (log: Log) => log.info("Sealed\nbatch", { batchNumber: 3n }) };
  const options = { interrupted: true, ...logging };
  assertEquals((await runFake(["devnet", "-q"], options)).err, "");
  assertEquals(
    (await runFake(["devnet", "-q", "-v"], options)).err,
    "info Sealed\\u000abatch batchNumber=3\n",
  );
});

Deno.test("describeError() tells refusals of the system from defects", () => {
  const busy = new Error("address in use");
  busy.name = "AddrInUse";
  assertEquals(describeError(busy).code, 1);
  assertEquals(describeError(busy).report.code, "PORT_IN_USE");
  assertEquals(describeError(new AssertionError("Broken invariant: x")).code, 70);
  assertEquals(describeError("thrown text").code, 70);
  assert(describeError(new Error("x")).report.mend.length > 0);
});
