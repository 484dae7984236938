/**
 * The commands in processes of their own beside a running devnet.
 *
 * Owns how they find it and that they move it as they would move a folder. Does not own the seven
 * commands without a devnet (`script_test.ts`).
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  ACCOUNT_1,
  cliArgs,
  type DevnetProcess,
  rpc,
  rpcBlock,
  runJson,
  runProgram,
  runRefused,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const SEND = ["send-tx", "--to", ACCOUNT_1, "--value", "1ether"];
const STEPS = [["seal-batch"], ["submit"], ["prove"], ["submit"], ["sync"]];
const QUESTIONS = [["heads"], ["block", "1"], ["batch", "1"], ["account", "1"], ["pool"]];

/** The script by hand and what is asked after it, each in its own process. */
async function runScript(...place: readonly string[]): Promise<unknown[]> {
  const documents: unknown[] = [];
  for (const step of [SEND, ...STEPS]) documents.push(await runJson(...step, ...place));
  for (const query of QUESTIONS) {
    documents.push(await runJson("inspect-state", ...query, ...place));
  }
  return documents;
}

Deno.test("commands beside a manual devnet do what they do without one, byte for byte", async () => {
  await using alone = await temporaryFolder();
  await using folder = await temporaryFolder();
  const wanted = await runScript("--data-dir", alone.path);
  await using devnet = await startDevnetProcess(folder.path, "--manual", "--clock", "virtual");
  const documents = await runScript("--data-dir", folder.path);
  assertEquals(documents, wanted);
  const finalized = await rpcBlock(devnet.l2Url, "finalized");
  assertEquals(finalized.number, "0x1");
  assertEquals(finalized, await rpcBlock(devnet.l2Url, "latest"));
});

Deno.test("a manual devnet makes no step by itself, and --rpc reaches it without a folder", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path, "--manual");
  const place = ["--rpc", devnet.l2Url];
  const sent = await runJson(...SEND, ...place);
  assertEquals(sent["status"], "pooled");
  const hash = sent["transactionHash"];
  assertEquals(await rpc(devnet.l2Url, "eth_getTransactionReceipt", hash), null);
  const pooled = await runJson("inspect-state", ...place);
  assertEquals([pooled["block"], pooled["sealed"], pooled["pooled"]], [0, 0, 1]);
  const seen: unknown[] = [];
  for (const step of STEPS) {
    await runJson(...step, ...place);
    const { sealed, sequenced, proven, verified } = await runJson("inspect-state", ...place);
    seen.push([sealed, sequenced, proven, verified]);
  }
  // Heads of L1 move with `sync` alone.
  assertEquals(seen, [[1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 1, 0], [1, 0, 1, 0], [1, 1, 1, 1]]);
  const refused = await runRefused("seal-batch", ...place);
  assertEquals(refused.code, "NOTHING_TO_SEAL");
});

Deno.test("send-tx beside an automine devnet tells the outcome, and finality follows", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const place = ["--data-dir", folder.path];
  const sent = await runJson(...SEND, ...place);
  assertEquals([sent["status"], sent["success"], sent["blockNumber"]], ["included", true, 1]);
  await waitForFinalized(devnet, 1n);
  const batch = await runJson("inspect-state", "batch", "finalized", ...place);
  assertEquals([batch["status"], batch["sealReason"]], ["consolidated", "automine"]);
  const refused = await runRefused(...SEND.slice(0, 3), "--value", "1000000ether", ...place);
  assertEquals(refused.code, "INSUFFICIENT_FUNDS");
  const poor = await runRefused(
    ...SEND.slice(0, 3),
    "--value",
    "1000000ether",
    "--gas",
    "30000",
    ...place,
  );
  assertEquals(poor.code, "POOL_INSUFFICIENT_FUNDS");
});

Deno.test("devnet --block-time makes blocks by the clock, and batches when they are old", async () => {
  await using folder = await temporaryFolder();
  // Timestamps differ by a second at least, so the time of this chain runs fast.
  await using devnet = await startDevnetProcess(folder.path, "--block-time", "0.2");
  const place = ["--data-dir", folder.path];
  const sent = await runJson(...SEND, ...place);
  assertEquals(sent["status"], "pooled");
  const receipt = await waitFor(
    () => rpc(devnet.l2Url, "eth_getTransactionReceipt", sent["transactionHash"]),
    (found) => found !== null,
  );
  const included = BigInt(Object(receipt).blockNumber);
  await waitForFinalized(devnet, included);
  const batch = await runJson("inspect-state", "batch", "1", ...place);
  assertEquals(batch["sealReason"], "time");
  // Empty blocks came without any transaction.
  const latest = BigInt((await rpcBlock(devnet.l2Url, "latest")).number);
  assertEquals(latest > included, true);
});

Deno.test("seal-batch beside an interval devnet does not wait for the clock", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path, "--block-time", "3600");
  const place = ["--data-dir", folder.path];
  assertEquals((await runJson(...SEND, ...place))["status"], "pooled");
  const sealed = await runJson("seal-batch", ...place);
  const { firstBlock, lastBlock, txCount, sealReason } = sealed;
  assertEquals([firstBlock, lastBlock, txCount, sealReason], [1, 1, 1, "seal-batch command"]);
  await waitForFinalized(devnet, 1n);
});

Deno.test("devnet for people ends its banner with Listening on, and --help needs no folder", async () => {
  await using folder = await temporaryFolder();
  const ports = ["--l1-port", "0", "--l2-port", "0"];
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs("devnet", "--data", folder.path, ...ports, "--quiet"),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const errors = new Response(child.stderr).text();
  let banner = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    banner += text;
    if (/Listening on .* \(L2\)\n/.test(banner)) child.kill("SIGINT");
  }
  assertEquals([(await child.status).code, await errors], [0, ""]);
  for (const part of ["Private Keys", "Chain IDs", "Rollup:", "901", "mock"]) {
    assertStringIncludes(banner, part);
  }
  const help = await runProgram(Deno.execPath(), cliArgs("devnet", "--help"));
  assertEquals([help.code, help.stderr], [0, ""]);
});

async function waitForFinalized(devnet: DevnetProcess, number: bigint): Promise<void> {
  await waitFor(
    async () => BigInt((await rpcBlock(devnet.l2Url, "finalized")).number),
    (finalized) => finalized >= number,
  );
}
