/**
 * A rollup rebuilt from L1 by other processes: to compare, and to follow.
 *
 * Owns what a user of `sync --from-l1` and of `--roles synchronizer` sees. Does not own what is
 * compared (`tests/conformance/engine/rebuild_test.ts`).
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { DEPLOYMENT_FILE } from "../../devnet/deployment.ts";
import { startDevnetOnL1 } from "./anvil.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  cliArgs,
  type DevnetProcess,
  endProcess,
  rpc,
  rpcBlock,
  runJson,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const TX_COUNT = 20;

async function headsOf(l2Url: string): Promise<Record<string, unknown>> {
  return Object(await rpc(l2Url, "varve_heads"));
}

/** Sends transfers, waiting now and then so that they make several batches. */
async function sendTransfers(devnet: DevnetProcess): Promise<void> {
  for (let index = 0; index < TX_COUNT; index++) {
    const transaction = { from: ACCOUNT_0, to: ACCOUNT_1, value: "0x1" };
    await rpc(devnet.l2Url, "eth_sendTransaction", transaction);
    if (index % 5 === 4) await waitForFinality(devnet.l2Url);
  }
}

async function waitForFinality(l2Url: string): Promise<void> {
  const { hash } = await rpcBlock(l2Url, "latest");
  await waitFor(() => rpcBlock(l2Url, "finalized"), (block) => block.hash === hash);
}

/** Every block of an L2, with its transactions. */
async function blocksOf(l2Url: string, count: number): Promise<unknown[]> {
  const blocks: unknown[] = [];
  for (let number = 0; number <= count; number++) {
    blocks.push(await rpc(l2Url, "eth_getBlockByNumber", `0x${number.toString(16)}`, true));
  }
  return blocks;
}

Deno.test("a devnet's batches and blocks follow from L1 alone", async (t) => {
  await using folder = await temporaryFolder();
  const data = `${folder.path}/data`;
  const copy = `${folder.path}/copy`;
  let batchCount = 0;
  {
    await using devnet = await startDevnetProcess(data);
    await sendTransfers(devnet);
    const { sealed } = await headsOf(devnet.l2Url);
    batchCount = Number(sealed);
    await t.step("sync --from-l1 --verify finds them beside a devnet at work", async () => {
      const view = await runJson("sync", "--from-l1", "--verify", "--data", data);
      assertEquals([view["batches"], view["compared"], view["blocks"]], [
        batchCount,
        batchCount,
        TX_COUNT,
      ]);
      assertEquals(view["lastStateRoot"], (await rpcBlock(devnet.l2Url, "latest")).stateRoot);
    });
    await t.step("a follower in another process serves the same blocks, and new ones", async () => {
      await using follower = await startDevnetOnL1(
        ...[
          "--data",
          `${folder.path}/follower`,
          "--roles",
          "synchronizer",
          "--l1-rpc",
          devnet.l1Url,
        ],
        ...["--deployment", `${data}/${DEPLOYMENT_FILE}`],
      );
      await rpc(devnet.l2Url, "eth_sendTransaction", { from: ACCOUNT_0, to: ACCOUNT_1 });
      const { hash } = await rpcBlock(devnet.l2Url, "latest");
      await waitForFinality(devnet.l2Url);
      await waitFor(() => rpcBlock(follower.l2Url, "finalized"), (block) => block.hash === hash);
      assertEquals(
        await blocksOf(follower.l2Url, TX_COUNT + 1),
        await blocksOf(devnet.l2Url, TX_COUNT + 1),
      );
      batchCount++;
    });
  }
  await t.step("a rebuild that was killed goes on where it ended", async () => {
    await killAfterFirstBatch("sync", "--from-l1", "--into", copy, "--data", data);
    const view = await runJson("sync", "--from-l1", "--verify", "--into", copy, "--data", data);
    assertEquals([view["batches"], view["matches"]], [batchCount, true]);
  });
  await t.step("the folder of a rebuild is a follower's", async () => {
    await using devnet = await startDevnetProcess(data);
    await using follower = await startDevnetOnL1(
      ...["--data", copy, "--roles", "synchronizer", "--l1-rpc", devnet.l1Url],
    );
    assertEquals(
      await rpcBlock(follower.l2Url, "latest"),
      await rpcBlock(devnet.l2Url, "latest"),
    );
    const { code, message } = Object(
      await rpc(follower.l2Url, "eth_sendTransaction", { from: ACCOUNT_0, to: ACCOUNT_1 })
        .catch((error) => JSON.parse(/\{.*\}/.exec(String(error))?.[0] ?? "{}").error),
    );
    assertEquals(typeof code, "number");
    assertMatch(String(message), /must have the role "?sequencer/);
  });
});

Deno.test("without a sequencer, a forced transaction becomes final by the users alone", async () => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(
    folder.path,
    ...["--clock", "virtual", "--force-timeout", "60"],
    ...["--roles", "prover,submitter,synchronizer"],
  );
  const place = ["--data", folder.path];
  const send = ["--to", ACCOUNT_1, "--value", "1ether", "--from", "2"];
  const forced = await runJson("force-tx", ...send, "--data-dir", folder.path);
  // The queue counts: a second one of the same sender has the next nonce.
  await waitFor(
    () => runJson("inspect-state", "operations", ...place),
    (operations) => Object.values(operations).length === 1,
  );
  const second = await runJson("force-tx", ...send, "--data-dir", folder.path);
  await rpc(devnet.l1Url, "evm_increaseTime", 61);
  await rpc(devnet.l1Url, "evm_mine");
  await waitFor(
    () => runJson("inspect-state", "operations", ...place),
    (operations) =>
      Object.values(operations).map((operation) => Object(operation).status).join() ===
        "overdue,overdue",
  );
  await runJson("submit", "--forced", "--l1-from", "3", ...place);
  for (const { operationHash } of [forced, second].map(Object)) {
    await waitFor(
      () => runJson("inspect-state", "tx", String(operationHash), ...place).catch(() => ({})),
      (shown) => "status" in shown && shown.status === "consolidated",
    );
  }
  assertEquals((await rpcBlock(devnet.l2Url, "finalized")).number, "0x1");
});

/** Runs a command until it has told of its first batch, and kills it there. */
async function killAfterFirstBatch(...args: readonly string[]): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs(...args),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("executed batch 1 of L1")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the command ended first: ${text}`);
    text += value;
  }
  endProcess(child, "SIGKILL");
  await child.status;
  while (!(await reader.read()).done);
}
