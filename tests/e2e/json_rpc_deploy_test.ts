/**
 * A deployment through plain JSON-RPC, as Hardhat's runner makes it, and the process around it.
 *
 * Owns the order of requests: accounts of the node, estimates, unsigned transactions, receipts, and
 * the `hardhat_` and `evm_` methods that test runners call between tests. Does not own Hardhat.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { encodeFunctionData, parseAbi } from "viem";
import { assert } from "../../core/primitives/errors.ts";
import {
  cliArgs,
  counterBytecode,
  rpc,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const ABI = parseAbi(["function set(uint256 to)"]);

Deno.test("a Hardhat-style run deploys, writes, travels and goes back on both layers", async (t) => {
  await using folder = await temporaryFolder();
  await using devnet = await startDevnetProcess(folder.path);
  const bytecode = await counterBytecode();
  for (const [layer, url] of [["L1", devnet.l1Url], ["L2", devnet.l2Url]] as const) {
    await t.step(`on ${layer}`, (step) => runLikeHardhat(step, url, bytecode));
  }
});

async function runLikeHardhat(t: Deno.TestContext, url: string, bytecode: string): Promise<void> {
  const ask = (method: string, ...params: unknown[]) => rpc(url, method, ...params);
  const [from, other] = Object(await ask("eth_accounts"));
  const receiptOf = async (hash: unknown) =>
    Object(
      await waitFor(() => ask("eth_getTransactionReceipt", hash), (receipt) => receipt !== null),
    );
  const send = async (fields: Record<string, unknown>) => {
    const gas = await ask("eth_estimateGas", { from, ...fields });
    const fees = Object(await ask("eth_feeHistory", "0x1", "latest", [50]));
    const maxFeePerGas = `0x${(BigInt(fees.baseFeePerGas.at(-1)) * 2n + 10n ** 9n).toString(16)}`;
    const hash = await ask("eth_sendTransaction", {
      from,
      gas,
      maxFeePerGas,
      maxPriorityFeePerGas: "0x3b9aca00",
      ...fields,
    });
    return await receiptOf(hash);
  };

  await t.step("a contract is created and called", async () => {
    const data = bytecode + "7".padStart(64, "0");
    const created = await send({ data });
    assertEquals(created.status, "0x1");
    const to = created.contractAddress;
    assert(await ask("eth_getCode", to, "latest") !== "0x", "the contract has code");
    const set = encodeFunctionData({ abi: ABI, functionName: "set", args: [42n] });
    const called = await send({ to, data: set });
    assertEquals([called.status, called.logs.length], ["0x1", 1]);
    const slot = await ask("eth_getStorageAt", to, "0x0", "latest");
    assertEquals(BigInt(String(slot)), 42n);
  });

  await t.step("evm_snapshot and evm_revert around a test", async () => {
    const before = await ask("eth_getBalance", other, "latest");
    const id = await ask("evm_snapshot");
    await send({ to: other, value: "0xde0b6b3a7640000" });
    assert(await ask("eth_getBalance", other, "latest") !== before, "the transfer counts");
    assertEquals(await ask("evm_revert", id), true);
    assertEquals(await ask("eth_getBalance", other, "latest"), before);
  });

  await t.step("hardhat_mine and the clock", async () => {
    const number = BigInt(String(await ask("eth_blockNumber")));
    await ask("hardhat_mine", "0x3");
    assertEquals(BigInt(String(await ask("eth_blockNumber"))), number + 3n);
    const { timestamp } = Object(await ask("eth_getBlockByNumber", "latest", false));
    await ask("evm_increaseTime", 86_400);
    await ask("evm_mine");
    const later = Object(await ask("eth_getBlockByNumber", "latest", false)).timestamp;
    assert(BigInt(later) >= BigInt(timestamp) + 86_400n, "a day has passed");
  });

  await t.step("hardhat_metadata tells which node it is", async () => {
    const metadata = Object(await ask("hardhat_metadata"));
    assertStringIncludes(metadata.clientVersion, "varve");
    assertEquals(metadata.chainId, Number(await ask("eth_chainId")));
  });
}

Deno.test("a runner starts the process, waits for Listening on, and stops it", async () => {
  await using folder = await temporaryFolder();
  // Twice at once: ports of their own, nothing shared.
  const folders = [`${folder.path}/a`, `${folder.path}/b`];
  const runs = await Promise.all(folders.map(startLikeProol));
  const urls = runs.flatMap((run) => run.urls);
  assertEquals(new Set(urls).size, 4);
  for (const url of urls) {
    assertStringIncludes(String(await rpc(url, "web3_clientVersion")), "varve");
    const health = await fetch(`${url}/health`);
    await health.body?.cancel();
    assertEquals(health.status, 200);
  }
  for (const { child } of runs) child.kill("SIGTERM");
  for (const { child, drained } of runs) {
    await drained;
    assertEquals((await child.status).code, 0);
  }
});

interface Run {
  readonly child: Deno.ChildProcess;
  readonly urls: readonly string[];
  readonly drained: Promise<unknown>;
}

/** Spawns a devnet for people and waits until its words say that both ports listen. */
async function startLikeProol(dataDir: string): Promise<Run> {
  const child = new Deno.Command(Deno.execPath(), {
    args: cliArgs("devnet", "--data-dir", dataDir, "--l1-port", "0", "--l2-port", "0"),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    env: { NO_COLOR: "1" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const found = [...text.matchAll(/^Listening on (\S+) \(L[12]\)$/gm)].map(([, host]) => host);
    if (found.length === 2) {
      const drained = (async () => {
        while (!(await reader.read()).done);
      })();
      return { child, urls: found.map((host) => `http://${host}`), drained };
    }
    const { value, done } = await reader.read();
    if (done) throw new Error(`the devnet ended before it listened: ${text}`);
    text += value;
  }
}
