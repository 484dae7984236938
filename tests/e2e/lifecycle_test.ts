/**
 * The life of a devnet's process: signals, restarts, kill -9, and starts that are refused.
 *
 * Owns what survives and what is freed. Does not own crashes at every commit
 * (`tests/simulation`).
 * @module
 */
import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import { privateKeyToAccount } from "viem/accounts";
import { assert } from "../../core/primitives/errors.ts";
import { createRandom } from "../simulation/random.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  type DevnetProcess,
  KEY_0,
  rpc,
  rpcBlock,
  runCommand,
  runJson,
  runRefused,
  startDevnetProcess,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const SEND = ["send-tx", "--to", ACCOUNT_1, "--value", "1ether"];
const FREE_PORTS = ["--l1-port", "0", "--l2-port", "0"];
/** Deploys code that returns 42. */
const INIT_CODE = "0x600a600c600039600a6000f3602a60005260206000f3";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`devnet ends at ${signal} with 0 and frees ports and folder`, async () => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    await runJson(...SEND, "--data-dir", folder.path);
    // A client that keeps its socket open must not hold the end up.
    const socket = new WebSocket(devnet.l2Url.replace("http", "ws"));
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    devnet.kill(signal);
    assertEquals(await devnet.status, { success: true, code: 0, signal: null });
    await closed;
    for (const url of [devnet.l1Url, devnet.l2Url]) {
      Deno.listen({ hostname: "127.0.0.1", port: Number(new URL(url).port) }).close();
    }
    // Nobody holds the lease: this command opens the folder itself.
    const heads = await runJson("inspect-state", "--data-dir", folder.path);
    assertEquals(heads["block"], 1);
    const sent = await runJson(...SEND, "--data-dir", folder.path);
    assertEquals(sent["status"], "pooled");
  });
}

Deno.test("devnet that starts again has the same chains, accounts and contracts", async () => {
  await using folder = await temporaryFolder();
  const look = async ({ l1Url, l2Url, facts }: DevnetProcess) => {
    const { accounts, contracts, l1ChainId, l2ChainId, genesisTimestampSec } = facts;
    const identity = { accounts, contracts, l1ChainId, l2ChainId, genesisTimestampSec };
    const blocks: unknown[] = [];
    for (const url of [l1Url, l2Url]) {
      const latest = await rpcBlock(url, "latest");
      for (let number = 0n; number <= BigInt(latest.number); number++) {
        blocks.push(await rpc(url, "eth_getBlockByNumber", `0x${number.toString(16)}`, true));
      }
    }
    const balances = await Promise.all(
      [l1Url, l2Url].map((url) => rpc(url, "eth_getBalance", ACCOUNT_1, "latest")),
    );
    const heads = await runJson("inspect-state", "--rpc", l2Url);
    const logs = await rpc(l1Url, "eth_getLogs", { fromBlock: "0x0" });
    return { identity, blocks, balances, heads, logs };
  };
  let before: Awaited<ReturnType<typeof look>>;
  let contract: unknown;
  {
    await using devnet = await startDevnetProcess(folder.path);
    await runJson(...SEND, "--data-dir", folder.path);
    const created = await runJson("send-tx", "--create", INIT_CODE, "--data-dir", folder.path);
    contract = created["contractAddress"];
    await settle(devnet);
    before = await look(devnet);
  }
  await using devnet = await startDevnetProcess(folder.path);
  // The accounts' balances in the banner are those of the moment.
  const after = await look(devnet);
  assertEquals(
    { ...after, identity: { ...after.identity, accounts: [] } },
    { ...before, identity: { ...before.identity, accounts: [] } },
  );
  const answer = await rpc(devnet.l2Url, "eth_call", { to: contract, data: "0x" }, "latest");
  assertEquals(BigInt(String(answer)), 42n);
  const sent = await runJson(...SEND, "--data-dir", folder.path);
  assertEquals([sent["blockNumber"], sent["nonce"]], [3, 2]);
  await settle(devnet);
});

Deno.test("devnet takes up what an earlier process left in the pool and unproven", async () => {
  await using folder = await temporaryFolder();
  const place = ["--data-dir", folder.path];
  await runJson(...SEND, ...place);
  await runJson("seal-batch", ...place);
  const pooled = await runJson(...SEND, ...place);
  assertEquals(pooled["status"], "pooled");
  await using devnet = await startDevnetProcess(folder.path);
  await waitFor(
    () => rpcBlock(devnet.l2Url, "finalized"),
    (finalized) => finalized.number === "0x2",
  );
  const receipt = await rpc(devnet.l2Url, "eth_getTransactionReceipt", pooled["transactionHash"]);
  assertEquals(Object(receipt).status, "0x1");
});

Deno.test("devnet killed -9 amid traffic goes on with all that it had answered for", async () => {
  await using folder = await temporaryFolder();
  const random = createRandom(900);
  const answered: string[] = [];
  const blockHashes = new Map<string, string>();
  for (let round = 0; round < 3; round++) {
    await using devnet = await startDevnetProcess(folder.path);
    const nonce = await checkAnswered(devnet, answered, blockHashes);
    answered.push(await sendOne(devnet, nonce));
    const traffic = sendMany(devnet, nonce + 1, answered);
    await new Promise((resolve) => setTimeout(resolve, random.int(0, 400)));
    devnet.kill("SIGKILL");
    assertEquals((await devnet.status).signal, "SIGKILL");
    await traffic;
  }
  await using devnet = await startDevnetProcess(folder.path);
  await checkAnswered(devnet, answered, blockHashes);
  const sent = await runJson(...SEND, "--data-dir", folder.path);
  assertEquals(sent["status"], "included");
  await settle(devnet);
  const heads = await runJson("inspect-state", "--data-dir", folder.path);
  assertEquals([heads["verified"], heads["pooled"]], [heads["sealed"], 0]);
});

Deno.test("devnet killed -9 has what waited in the pool, and not what was taken back", async () => {
  await using folder = await temporaryFolder();
  const logPath = `${folder.path}/pool.log`;
  const waiting: string[] = [];
  for (let round = 0; round < 3; round++) {
    await using devnet = await startDevnetProcess(folder.path, "--manual");
    assertEquals(await poolHashes(devnet), waiting);
    const snapshot = await rpc(devnet.l2Url, "evm_snapshot");
    await sendOne(devnet, waiting.length);
    await rpc(devnet.l2Url, "evm_revert", snapshot);
    for (let count = 0; count < 20; count++) waiting.push(await sendOne(devnet, waiting.length));
    // The same nonce for more: what it replaces must not come back.
    const last = waiting.length - 1;
    waiting[last] = await sendOne(devnet, last, 20_000_000_000n);
    assertEquals(await poolHashes(devnet), waiting);
    devnet.kill("SIGKILL");
    assertEquals((await devnet.status).signal, "SIGKILL");
    assert((await Deno.stat(logPath)).size > 0, "what waits is in the log");
    // As if it had died while it wrote: a head that promises more than there is.
    await Deno.writeFile(logPath, Uint8Array.of(0, 0, 1, 0, 7, 7, 7, 7, 1, 2), { append: true });
  }
  await using devnet = await startDevnetProcess(folder.path, "--manual");
  assertEquals(await poolHashes(devnet), waiting);
  await rpc(devnet.l2Url, "evm_mine");
  assertEquals(await poolHashes(devnet), []);
  for (const hash of waiting) {
    const receipt = await rpc(devnet.l2Url, "eth_getTransactionReceipt", hash);
    assertEquals(Object(receipt).status, "0x1");
  }
});

/** Hashes of the first account's waiting transactions, by nonce. */
async function poolHashes(devnet: DevnetProcess): Promise<readonly string[]> {
  const { pending } = Object(await rpc(devnet.l2Url, "txpool_content"));
  const [own = {}] = Object.values(Object(pending));
  return Object.entries(Object(own))
    .toSorted(([left], [right]) => Number(left) - Number(right))
    .map(([, tx]) => String(Object(tx).hash));
}

/**
 * Everything that was ever answered for is in the block where it was first seen. Gives the next
 * nonce: what waits in the pool counts, as it was admitted.
 */
async function checkAnswered(
  devnet: DevnetProcess,
  answered: readonly string[],
  blockHashes: Map<string, string>,
): Promise<number> {
  for (const hash of answered) {
    const receipt = await rpc(devnet.l2Url, "eth_getTransactionReceipt", hash);
    assertNotEquals(receipt, null, "automine includes before it answers");
    const blockHash = String(Object(receipt).blockHash);
    assertEquals(blockHash, blockHashes.get(hash) ?? blockHash, "an included transaction stays");
    blockHashes.set(hash, blockHash);
  }
  const nonce = await rpc(devnet.l2Url, "eth_getTransactionCount", ACCOUNT_0, "pending");
  const next = Number(nonce);
  assert(next >= answered.length, "no nonce comes back");
  return next;
}

/** Sends one transaction after another until the devnet is gone; notes the answered ones. */
async function sendMany(
  devnet: DevnetProcess,
  firstNonce: number,
  answered: string[],
): Promise<void> {
  for (let nonce = firstNonce;; nonce++) {
    try {
      answered.push(await sendOne(devnet, nonce));
    } catch (error) {
      // The connection broke with the kill; a refusal would be an error of the devnet.
      assert(error instanceof TypeError, `the devnet refused: ${error}`);
      return;
    }
  }
}

async function sendOne(
  devnet: DevnetProcess,
  nonce: number,
  maxFeePerGas = 10_000_000_000n,
): Promise<string> {
  const raw = await privateKeyToAccount(KEY_0).signTransaction({
    type: "eip1559",
    chainId: 901,
    nonce,
    to: ACCOUNT_1,
    value: 1n,
    gas: 25_000n,
    maxFeePerGas,
    maxPriorityFeePerGas: maxFeePerGas / 10n,
  });
  return String(await rpc(devnet.l2Url, "eth_sendRawTransaction", raw));
}

Deno.test("devnet refuses a port that is taken, for people and as JSON", async () => {
  await using folder = await temporaryFolder();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  assert(listener.addr.transport === "tcp", "a listener with a port is of TCP");
  const port = String(listener.addr.port);
  for (const [taken, free] of [["--l1-port", "--l2-port"], ["--l2-port", "--l1-port"]] as const) {
    const line = ["devnet", "--data", folder.path, taken, port, free, "0"];
    const error = await runRefused(...line);
    assertEquals(error.code, "PORT_IN_USE");
    assertStringIncludes(error.mend, taken);
    const human = await runCommand(...line);
    assertEquals([human.code, human.stdout], [1, ""]);
    assertMatch(human.stderr, /^Error PORT_IN_USE: .*\nMend: .*$/m);
    assertStringIncludes(human.stderr, port);
  }
  // Nothing was kept: the same folder serves at once.
  await using _devnet = await startDevnetProcess(folder.path);
});

Deno.test("devnet refuses a folder that another devnet owns", async () => {
  await using folder = await temporaryFolder();
  await using owner = await startDevnetProcess(folder.path);
  const error = await runRefused("devnet", "--data", folder.path, ...FREE_PORTS);
  assertEquals(error.code, "DATA_FOLDER_OWNED");
  assertStringIncludes(error.message, `process ${owner.pid} at ${owner.l2Url}`);
  assertNotEquals(error.mend, "");
  const human = await runCommand("devnet", "--data", folder.path, ...FREE_PORTS);
  assertEquals([human.code, human.stdout], [1, ""]);
  assertMatch(human.stderr, /^Error DATA_FOLDER_OWNED: .*\nMend: .*$/m);
  // The owner did not notice.
  assertEquals((await runJson(...SEND, "--data-dir", folder.path))["status"], "included");
});

Deno.test("every command refuses a folder of another version and leaves it as it is", async () => {
  for (const [file, table] of [["node.kv", "chain"], ["l1.kv", "l1chain_identity"]] as const) {
    await using folder = await temporaryFolder();
    const place = { path: `${folder.path}/${file}`, key: [table, "chain"] };
    await runJson(...SEND, "--data-dir", folder.path);
    // Whatever else the row of another version holds, its version is read first.
    const ours = await replaceRow(place, { schemaVersion: 99n, shape: "of its own" });
    for (const line of [["devnet", ...FREE_PORTS], ["inspect-state"], ["seal-batch"]]) {
      const error = await runRefused(...line, "--data-dir", folder.path);
      assertMatch(error.code, /^(DATA_FOLDER|L1)_OTHER_VERSION$/);
      assertStringIncludes(error.message, "99");
      assertStringIncludes(error.mend, "--data");
    }
    await replaceRow(place, ours);
    const heads = await runJson("inspect-state", "--data-dir", folder.path);
    assertEquals([heads["block"], heads["pooled"]], [0, 1]);
  }
});

/** Puts `row` in the place of the one that says what the folder is, and gives that one. */
async function replaceRow(
  { path, key }: { readonly path: string; readonly key: readonly string[] },
  row: unknown,
): Promise<unknown> {
  using kv = await Deno.openKv(path);
  const { value } = await kv.get(key);
  assert(value !== null, "a folder that was opened says what it is");
  await kv.set(key, row);
  return value;
}

/** Waits until L1 has accepted a proof for everything up to the latest block. */
async function settle(devnet: DevnetProcess): Promise<void> {
  const latest = await rpcBlock(devnet.l2Url, "latest");
  await waitFor(
    () => rpcBlock(devnet.l2Url, "finalized"),
    (finalized) => BigInt(finalized.number) >= BigInt(latest.number),
  );
}
