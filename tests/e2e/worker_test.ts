/**
 * A prover in a process of its own, which reaches a devnet over RPC and nothing else.
 *
 * Owns that it needs no folder. Does not own proving (`core/proving`).
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  ACCOUNT_1,
  type CommandResult,
  rpcBlock,
  runJson,
  runProgram,
  startDevnetProcess,
  temporaryFolder,
} from "./testing.ts";

const SEND = ["send-tx", "--to", ACCOUNT_1, "--value", "1ether"];

/**
 * A worker that may write nothing and read nothing but the configuration file that it looks for:
 * opening KV would end it.
 */
function runWorker(rpcUrl: string, ...flags: readonly string[]): Promise<CommandResult> {
  const permissions = [
    "--no-prompt",
    "--unstable-kv",
    `--allow-net=${new URL(rpcUrl).host}`,
    // @ethereumjs asks for the environment.
    "--allow-env",
    "--allow-read=varve.json",
  ];
  const line = ["prove", "--worker", "--once", "--rpc", rpcUrl, "--json"];
  return runProgram(Deno.execPath(), ["run", ...permissions, "cli/main.ts", ...line, ...flags]);
}

Deno.test("prove --worker proves a devnet's batches without a folder, and L1 accepts them", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path, "--manual");
  const place = ["--rpc", devnet.l2Url];
  for (const batch of [1, 2]) {
    await runJson(...SEND, ...place);
    assertEquals((await runJson("seal-batch", ...place))["batchNumber"], batch);
  }
  const worker = await runWorker(devnet.l2Url);
  assertEquals(worker.code, 0, worker.stderr);
  const proofs: unknown = JSON.parse(worker.stdout);
  assertEquals(
    Object.values(Object(proofs)).map((proof) => Object(proof).batchNumber),
    [1, 2],
  );
  const proven = await runJson("inspect-state", ...place);
  assertEquals([proven["proven"], proven["verified"]], [2, 0]);
  await runJson("submit", ...place);
  await runJson("sync", ...place);
  const heads = await runJson("inspect-state", ...place);
  assertEquals([heads["proven"], heads["verified"]], [2, 2]);
  const batch = await runJson("inspect-state", "batch", "2", ...place);
  assertEquals([batch["status"], Object(batch["proof"]).kind], ["consolidated", "mock"]);
  assertEquals((await rpcBlock(devnet.l2Url, "finalized")).number, "0x2");
  // An empty queue is no failure.
  const idle = await runWorker(devnet.l2Url);
  assertEquals([idle.code, idle.stdout.trim()], [0, "[]"]);
});

Deno.test("prove --worker without a devnet says how to start one", async () => {
  // Port 1 is reserved: nothing answers there.
  const gone = await runWorker("http://127.0.0.1:1");
  assertEquals(gone.code, 1);
  const { error } = JSON.parse(gone.stdout);
  assertEquals(error.code, "REMOTE_UNAVAILABLE");
  assertStringIncludes(error.mend, "devnet");
});
