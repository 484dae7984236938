/** The seven commands by hand, each its own process, on a fresh data folder. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { createRandom } from "../simulation/random.ts";
import { cliArgs, endProcess, runCommand, runJson } from "./testing.ts";

const ALICE = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
// With its nonce, so that the same transaction can be sent again.
const TX = ["send-tx", "--to", ALICE, "--value", "1ether", "--nonce", "0"];
/** The whole way of one transaction. */
const SCRIPT: readonly (readonly string[])[] = [
  TX,
  ["seal-batch"],
  ["submit"],
  ["prove"],
  ["submit"],
  ["sync"],
];

async function withFolder<Result>(action: (dataDir: string) => Promise<Result>): Promise<Result> {
  const dataDir = await Deno.makeTempDir({ prefix: "varve-script-" });
  try {
    return await action(dataDir);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
}

async function runScript(dataDir: string): Promise<string[]> {
  const documents: string[] = [];
  for (const step of SCRIPT) {
    documents.push(JSON.stringify(await runJson(...step, "--data-dir", dataDir)));
  }
  for (const query of [["heads"], ["batch", "1"], ["block", "1"], ["account", ALICE]]) {
    documents.push(JSON.stringify(await runJson("inspect-state", ...query, "--data-dir", dataDir)));
  }
  return documents;
}

Deno.test("the seven commands end with a verified batch, and twice with the same bytes", async () => {
  const first = await withFolder(async (dataDir) => {
    const documents = await runScript(dataDir);
    const heads = await runJson("inspect-state", "heads", "--data-dir", dataDir);
    assertEquals(heads["verified"], 1);
    assertEquals(heads["block"], 1);
    const batch = await runJson("inspect-state", "batch", "1", "--data-dir", dataDir);
    assertEquals(batch["status"], "consolidated");
    assertEquals(batch["sealReason"], "seal-batch command");
    return documents;
  });
  const second = await withFolder(runScript);
  assertEquals(second, first);
});

const ROUNDS = 4;
/** Refusals that say that the step was done before the kill. */
const DONE_BEFORE: Readonly<Record<string, readonly string[]>> = {
  "send-tx": ["POOL_ALREADY_KNOWN"],
  "seal-batch": ["NOTHING_TO_SEAL"],
};

Deno.test("a script killed -9 at any point and then run on ends with the same roots", async () => {
  const lastedMs = new Map<string, number>();
  const wanted = await withFolder(async (dataDir) => {
    for (const step of SCRIPT) {
      const startedMs = performance.now();
      await runJson(...step, "--data-dir", dataDir);
      lastedMs.set(step.join(" "), performance.now() - startedMs);
    }
    return await roots(dataDir);
  });
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const random = createRandom(seed);
    const trace: string[] = [];
    await withFolder(async (dataDir) => {
      for (const step of SCRIPT) {
        // Anywhere in the time that the step takes: start-up, KV commits and L1 blocks alike.
        const afterMs = random.int(0, Math.ceil(lastedMs.get(step.join(" ")) ?? 0));
        const done = await runAndKill(afterMs, ...step, "--data-dir", dataDir);
        trace.push(`${step[0]} ${done ? "ended before" : "killed after"} ${afterMs} ms`);
        if (!done) await runOn(step, dataDir, trace);
      }
      assertEquals(await roots(dataDir), wanted, `seed ${seed}: ${trace.join(", ")}`);
    });
  }
});

/** Runs a command and kills it after `afterMs` milliseconds; whether it was done before. */
async function runAndKill(afterMs: number, ...args: readonly string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(...args),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => endProcess(child, "SIGKILL"), afterMs);
  const { success } = await child.status;
  clearTimeout(timer);
  return success;
}

/** The step again, as someone would type it who does not know how far it came. */
async function runOn(
  step: readonly string[],
  dataDir: string,
  trace: readonly string[],
): Promise<void> {
  const result = await runCommand(...step, "--data-dir", dataDir, "--json");
  if (result.code === 0) return;
  const known = DONE_BEFORE[step[0] ?? ""] ?? [];
  const code: unknown = JSON.parse(result.stdout).error.code;
  assertEquals(known.includes(String(code)), true, `${trace.join(", ")}: ${result.stdout}`);
}

Deno.test("commands refuse what cannot be done, with code 1 and a mend", async () => {
  await withFolder(async (dataDir) => {
    const refused = await runCommand("seal-batch", "--data-dir", dataDir, "--json");
    assertEquals(refused.code, 1);
    const { error } = JSON.parse(refused.stdout);
    assertEquals(error.code, "NOTHING_TO_SEAL");
    assertNotEquals(error.mend, "");
    const misuse = await runCommand("seel-batch");
    assertEquals(misuse.code, 2);
  });
});

async function roots(dataDir: string): Promise<unknown> {
  const batch = await runJson("inspect-state", "batch", "1", "--data-dir", dataDir);
  const heads = await runJson("inspect-state", "heads", "--data-dir", dataDir);
  return {
    stateRoot: batch["stateRoot"],
    accInputHash: batch["accInputHash"],
    status: batch["status"],
    block: heads["block"],
    verified: heads["verified"],
  };
}
