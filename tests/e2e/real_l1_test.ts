/**
 * The node on a real anvil as L1: by hand, as a devnet, through outages and reorganisations.
 *
 * Owns what a user of `--l1-rpc` sees. Does not own deploying (`deploy_test.ts`) or the embedded L1.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ANVIL, type Anvil, type DevnetOnL1, startAnvil, startDevnetOnL1 } from "./anvil.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  KEY_0,
  rpc,
  rpcBlock,
  runCommand,
  runJson,
  runRefused,
  temporaryFolder,
  waitFor,
} from "./testing.ts";

const CHAIN_ID = 4_242;
/** Devnet account 1; it has funds on anvil and no role in the rollup. */
const KEY_1 = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const SEND = ["send-tx", "--to", ACCOUNT_1, "--value", "1ether"];

const ignore = ANVIL === undefined;

/** Flags of a node in `folder` on `anvil`. */
function placeOf(folder: string, anvil: Pick<Anvil, "url">): string[] {
  return ["--data-dir", folder, "--l1-rpc", anvil.url];
}

/** Sends a transaction with an unlocked account of the L2 and gives its hash. */
async function sendOn(l2Url: string): Promise<unknown> {
  const transaction = { from: ACCOUNT_0, to: ACCOUNT_1, value: "0x1" };
  return await rpc(l2Url, "eth_sendTransaction", transaction);
}

async function headsOf(devnet: Pick<DevnetOnL1, "l2Url">): Promise<Record<string, unknown>> {
  return Object(await rpc(devnet.l2Url, "varve_heads"));
}

/** Waits until every block so far is final. */
async function waitForFinalized(devnet: Pick<DevnetOnL1, "l2Url">): Promise<string> {
  const { number } = await rpcBlock(devnet.l2Url, "latest");
  await waitFor(
    async () => (await rpcBlock(devnet.l2Url, "finalized")).number,
    (finalized) => BigInt(finalized) >= BigInt(number),
  );
  return number;
}

Deno.test({
  name: "the commands by hand take a transaction to finality on anvil, each in its own process",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const place = placeOf(folder.path, anvil);
    const key = ["--l1-private-key", KEY_0];
    const missing = await runRefused("sync", ...place);
    assertEquals(missing.code, "DEPLOYMENT_MISSING");
    await runJson("deploy", ...place, ...key);
    assertEquals((await runJson(...SEND, ...place))["status"], "pooled");
    assertEquals((await runJson("seal-batch", ...place))["batchNumber"], 1);
    assertEquals((await runRefused("submit", ...place)).code, "L1_KEY_MISSING");
    const wrong = await runRefused("submit", ...place, "--l1-private-key", KEY_1);
    assertEquals(wrong.code, "L1_KEY_NOT_SEQUENCER");
    await runJson("submit", ...place, ...key);
    await runJson("prove", ...place);
    await runJson("submit", ...place, ...key);
    const synced = await runJson("sync", ...place);
    assertEquals([synced["sequenced"], synced["verified"]], [1, 1]);
    const batch = await runJson("inspect-state", "batch", "1", ...place);
    assertEquals(batch["status"], "consolidated");
    // The time of the L2 follows that of L1, also with the scripted clock.
    const block = await runJson("inspect-state", "block", "1", ...place);
    const l1Block = Object(await rpc(anvil.url, "eth_getBlockByNumber", "0x2", false));
    assertEquals(BigInt(String(block["timestampSec"])) >= BigInt(l1Block.timestamp), true);
  },
});

Deno.test({
  name: "a folder on anvil is refused on another L1, and one with its own L1 is refused on anvil",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const [node, own, fresh] = ["node", "own", "fresh"].map((name) => `${folder.path}/${name}`);
    if (node === undefined || own === undefined || fresh === undefined) throw new Error("three");
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    await using other = await startAnvil({ chainId: CHAIN_ID + 1 });
    await using blank = await startAnvil({ chainId: CHAIN_ID });
    const key = ["--l1-private-key", KEY_0];
    await runJson("deploy", ...placeOf(node, anvil), ...key);
    await runJson("sync", ...placeOf(node, anvil));
    // The L1 of the folder's own.
    const embedded = await runRefused("sync", "--data-dir", node);
    assertEquals(embedded.code, "L1_MISMATCH");
    assertStringIncludes(embedded.mend, "--l1-rpc");
    // Another chain, and the same chain without the contract.
    assertEquals((await runRefused("sync", ...placeOf(node, other))).code, "L1_CHAIN_MISMATCH");
    assertEquals((await runRefused("sync", ...placeOf(node, blank))).code, "L1_ROLLUP_MISSING");
    // Another rollup on the same chain.
    const second = `${folder.path}/second.json`;
    await runJson("deploy", ...placeOf(fresh, anvil), ...key, "--out", second);
    const mixed = await runRefused("sync", ...placeOf(node, anvil), "--deployment", second);
    assertEquals(mixed.code, "L1_MISMATCH");
    // A folder with an L1 inside; nothing is deployed for it.
    await runJson("sync", "--data-dir", own);
    const before = await rpc(anvil.url, "eth_blockNumber");
    const devnet = ["devnet", ...placeOf(own, anvil), ...key, "--l2-port", "0", "--deploy"];
    assertEquals((await runRefused(...devnet)).code, "L1_MISMATCH");
    assertEquals(await rpc(anvil.url, "eth_blockNumber"), before);
  },
});

Deno.test({
  name: "a contract of another genesis is refused before the folder is touched",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const file = `${folder.path}/d.json`;
    const line = ["--l1-rpc", anvil.url, "--l1-private-key", KEY_0];
    await runJson("deploy", ...line, "--gas-per-pubdata", "0", "--out", file);
    const place = [...placeOf(`${folder.path}/node`, anvil), "--deployment", file];
    const asked = await runRefused("sync", ...place, "--gas-per-pubdata", "16");
    assertEquals(asked.code, "GENESIS_MISMATCH");
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace('"gasPerPubdata": 0', '"gasPerPubdata": 16'));
    const refused = await runRefused("sync", ...place);
    assertEquals(refused.code, "GENESIS_MISMATCH");
    assertStringIncludes(refused.message, "genesisStateRoot");
    const { verifier, rollup } = JSON.parse(text);
    await Deno.writeTextFile(file, text.replace(rollup, verifier));
    assertEquals((await runRefused("sync", ...place)).code, "L1_ROLLUP_MISSING");
    const left = [...Deno.readDirSync(`${folder.path}/node`)].map(({ name }) => name);
    assertEquals(left, ["lease.json"]);
    // The right file starts the folder after all.
    await Deno.writeTextFile(file, text);
    await runJson("sync", ...place);
  },
});

Deno.test({
  name: "devnet --deploy on anvil serves the L2 alone, and commands find it and its L1",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const place = placeOf(folder.path, anvil);
    const keyless = await runRefused("devnet", ...place, "--l2-port", "0", "--deploy");
    assertEquals(keyless.code, "L1_KEY_MISSING");
    const key = ["--l1-private-key", KEY_0];
    await using devnet = await startDevnetOnL1(...place, ...key, "--deploy");
    const { facts } = devnet;
    assertEquals([facts["l1ChainId"], facts["l1RpcUrl"], facts["l1Port"]], [
      CHAIN_ID,
      anvil.url,
      undefined,
    ]);
    assertEquals(JSON.stringify(facts["roles"]).includes("synchronizer"), true);
    const lease = JSON.parse(await Deno.readTextFile(`${folder.path}/lease.json`));
    assertEquals(lease.l1, {
      rpcUrl: anvil.url,
      chainId: CHAIN_ID,
      rollup: Object(facts["contracts"]).Rollup,
    });
    const sent = await runJson(...SEND, "--data-dir", folder.path);
    assertEquals([sent["status"], sent["success"]], ["included", true]);
    await waitForFinalized(devnet);
    assertEquals((await headsOf(devnet))["verified"], 1);
    devnet.kill("SIGINT");
    assertEquals((await devnet.status).code, 0);
    const log = devnet.log();
    assertEquals(log.includes(KEY_0.slice(2)), false);
    assertEquals(log.includes("warn"), false, log);
  },
});

Deno.test({
  name: "devnet says once that anvil is away, keeps taking transactions, and catches up",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const statePath = `${folder.path}/anvil.json`;
    const key = ["--l1-private-key", KEY_0];
    let port = 0;
    let devnet: DevnetOnL1;
    {
      await using anvil = await startAnvil({ chainId: CHAIN_ID, statePath });
      port = anvil.port;
      const place = placeOf(`${folder.path}/node`, anvil);
      devnet = await startDevnetOnL1(...place, ...key, "--deploy");
      await sendOn(devnet.l2Url);
      await waitForFinalized(devnet);
    }
    await using running = devnet;
    await waitFor(() => Promise.resolve(running.log()), (log) => log.includes("L1_UNAVAILABLE"));
    await sendOn(running.l2Url);
    await waitFor(() => headsOf(running), ({ sealed }) => sealed === 2);
    const warnings = running.log().split("\n").filter((line) => line.startsWith("warn"));
    assertEquals(warnings.length, 1, warnings.join("\n"));
    assertStringIncludes(warnings.join(), "mend=");
    // A second devnet on an L1 that is away does not start, and says why.
    const gone = { url: `http://127.0.0.1:${port}` };
    await Deno.mkdir(`${folder.path}/other`);
    await Deno.copyFile(
      `${folder.path}/node/deployment.json`,
      `${folder.path}/other/deployment.json`,
    );
    const refused = await runRefused("sync", ...placeOf(`${folder.path}/other`, gone));
    assertEquals(refused.code, "L1_UNAVAILABLE");
    await using _back = await startAnvil({ chainId: CHAIN_ID, statePath, port });
    await waitForFinalized(running);
    assertEquals((await headsOf(running))["verified"], 2);
  },
});

Deno.test({
  name: "devnet ends at Ctrl-C also while its L1 leaves it without an answer",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const silence = Promise.withResolvers<void>();
    const silenced = Promise.withResolvers<void>();
    let isSilent = false;
    await using proxy = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      async (request) => {
        const body = await request.text();
        if (isSilent) {
          silenced.resolve();
          await silence.promise;
        }
        const headers = { "content-type": "application/json" };
        const answer = await fetch(anvil.url, { method: "POST", headers, body });
        return new Response(await answer.text());
      },
    );
    const place = placeOf(folder.path, { url: `http://127.0.0.1:${proxy.addr.port}` });
    await using devnet = await startDevnetOnL1(...place, "--l1-private-key", KEY_0, "--deploy");
    isSilent = true;
    await sendOn(devnet.l2Url);
    await silenced.promise;
    devnet.kill("SIGINT");
    assertEquals((await devnet.status).code, 0);
    // A question that was given up after its own 30 s would have been told.
    assertEquals(devnet.log().includes("L1_UNAVAILABLE"), false, devnet.log());
    silence.resolve();
  },
});

Deno.test({
  name:
    "50 batches on anvil with a reorganisation and a restart are all verified, and a follower " +
    "comes to the same roots",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const place = placeOf(`${folder.path}/node`, anvil);
    const key = ["--l1-private-key", KEY_0];
    const batchesUpTo = async (devnet: DevnetOnL1, count: number) => {
      for (let sealed = Number((await headsOf(devnet))["sealed"]); sealed < count; sealed++) {
        await sendOn(devnet.l2Url);
        await waitFor(() => headsOf(devnet), (heads) => Number(heads["sealed"]) > sealed);
      }
    };
    {
      await using devnet = await startDevnetOnL1(...place, ...key, "--deploy");
      await batchesUpTo(devnet, 20);
      await waitForFinalized(devnet);
      // Five blocks of L1 become others, without any of our transactions.
      await rpc(anvil.url, "anvil_reorg", 5, []);
      await batchesUpTo(devnet, 35);
      devnet.kill("SIGKILL");
      await devnet.status;
    }
    await using devnet = await startDevnetOnL1(...place, ...key);
    await batchesUpTo(devnet, 50);
    const latest = await waitForFinalized(devnet);
    const heads = await headsOf(devnet);
    assertEquals([heads["sealed"], heads["verified"]], [50, 50]);
    await using follower = await startDevnetOnL1(
      ...placeOf(`${folder.path}/follower`, anvil),
      ...["--deployment", `${folder.path}/node/deployment.json`, "--roles", "synchronizer"],
    );
    await waitFor(
      () => rpcBlock(follower.l2Url, "finalized"),
      ({ number }) => number === latest,
    );
    for (let number = 0n; number <= BigInt(latest); number++) {
      const tag = `0x${number.toString(16)}`;
      assertEquals(await rpcBlock(follower.l2Url, tag), await rpcBlock(devnet.l2Url, tag));
    }
    const refused = await runRefused(...SEND, "--rpc", follower.l2Url);
    assertEquals(refused.code, "ROLE_MISSING");
    assertStringIncludes(refused.mend, "--roles");
    assertEquals((await runCommand("inspect-state", "--rpc", follower.l2Url)).code, 0);
  },
});
