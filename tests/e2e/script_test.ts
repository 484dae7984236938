/** The seven commands by hand, each its own process, on a fresh data folder. */
import { assertEquals, assertNotEquals } from "@std/assert";
import { cliArgs, runCommand, runJson } from "./testing.ts";

const ALICE = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8";
const TX = ["send-tx", "--to", ALICE, "--value", "1ether"];
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

Deno.test("a script that is killed at any point and run again ends with the same roots", async () => {
  const wanted = await withFolder(async (dataDir) => {
    await runScript(dataDir);
    return await roots(dataDir);
  });
  // Killing after each of these delays hits start-up, KV commits and L1 blocks alike.
  for (const delayMs of [150, 300, 450, 600]) {
    await withFolder(async (dataDir) => {
      await runJson(...TX, "--data-dir", dataDir);
      for (const step of SCRIPT.slice(1)) {
        const child = new Deno.Command(Deno.execPath(), {
          args: cliArgs(...step, "--data-dir", dataDir),
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
        const timer = setTimeout(() => child.kill("SIGKILL"), delayMs);
        const { success } = await child.status;
        clearTimeout(timer);
        if (success) continue;
        // Sealing may have happened before the kill; then there is nothing left to seal.
        const again = await runCommand(...step, "--data-dir", dataDir);
        const sealedBefore = step[0] === "seal-batch" && again.stderr.includes("NOTHING_TO_SEAL");
        if (!sealedBefore) assertEquals(again.code, 0, again.stderr + again.stdout);
      }
      assertEquals(await roots(dataDir), wanted);
    });
  }
});

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
