import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import { address } from "../core/primitives/hex.ts";
import { readHttpUrl, readRoles } from "./l1_flags.ts";
import { DEPLOYMENT, type FakeRun, runFake } from "./testing/fake_world.ts";

const URL_TEXT = "http://127.0.0.1:8545";
const KEY = `0x${"5e".repeat(32)}`;

/** What the first thing that was opened was told of L1. */
function l1Of({ opened }: FakeRun): unknown {
  const [first] = opened;
  return first !== undefined && "l1" in first ? first.l1 : undefined;
}

Deno.test("l1Options() names the L1, the key and the deployment, from any source", async () => {
  const wanted = {
    rpcUrl: URL_TEXT,
    key: { kind: "private key", privateKey: KEY },
    deploymentFile: "x.json",
  };
  const line = ["--l1-rpc", URL_TEXT, "--l1-private-key", KEY, "--deployment", "x.json"];
  assertEquals(l1Of(await runFake(["sync", ...line])), wanted);
  const env = {
    VARVE_L1_RPC: URL_TEXT,
    VARVE_L1_PRIVATE_KEY: KEY,
    VARVE_DEPLOYMENT: "x.json",
  };
  assertEquals(l1Of(await runFake(["sync"], { env })), wanted);
  const config = JSON.stringify({
    "l1-rpc": URL_TEXT,
    "l1-private-key": KEY,
    deployment: "x.json",
  });
  assertEquals(l1Of(await runFake(["sync"], { config })), wanted);
  assertEquals(l1Of(await runFake(["sync", "--deployment", "x.json"])), undefined);
});

Deno.test("l1Options() takes a keystore with its password file, and one key only", async () => {
  const keystore = ["--l1-keystore", "k.json", "--l1-password-file", "p.txt"];
  const run = await runFake(["submit", "--l1-rpc", URL_TEXT, ...keystore]);
  assertEquals(l1Of(run), {
    rpcUrl: URL_TEXT,
    key: { kind: "keystore", file: "k.json", passwordFile: "p.txt" },
  });
  const both = await runFake([
    "submit",
    "--l1-rpc",
    URL_TEXT,
    ...keystore,
    "--l1-private-key",
    KEY,
  ]);
  assertEquals(both.code, 2);
  const bare = await runFake(["submit", "--l1-rpc", URL_TEXT, "--l1-keystore", "k.json"]);
  assertEquals([bare.code, bare.opened.length], [2, 0]);
  // A stronger source silences the other.
  const env = { VARVE_L1_KEYSTORE: "k.json" };
  const line = ["submit", "--l1-rpc", URL_TEXT, "--l1-private-key", KEY];
  assertEquals(l1Of(await runFake(line, { env })), {
    rpcUrl: URL_TEXT,
    key: { kind: "private key", privateKey: KEY },
  });
});

Deno.test("the key for L1 and the URL's secrets are never repeated, whatever is wrong", async () => {
  const secret = "5e".repeat(20);
  const lines = [
    ["sync", "--l1-private-key", `0x${secret}zz`],
    ["sync", "--l1-private-key", secret],
    ["sync", `--l1-private-key=${secret}`, "--l1-private-key", "0x"],
    ["sync", "--l1-rpc", `ftp://node/${secret}`],
    ["sync", "--l1-rpc", `http://[/${secret}`],
    ["deploy", "--l1-rpc", `wss://node/${secret}`, "--l1-private-key", KEY],
    ["devnet", "--l1-rpc", `${secret}`],
  ];
  for (const line of lines) {
    for (const flags of [[], ["--json"], ["--verbose"]]) {
      const run = await runFake([...line, ...flags]);
      assertEquals([run.code, run.opened.length], [2, 0], line.join(" "));
      assertEquals((run.out + run.err).includes(secret), false, run.err);
    }
  }
});

Deno.test("readRoles() reads a list, and suggests what was meant", () => {
  assertEquals([...readRoles("prover, submitter,prover")], ["prover", "submitter"]);
  for (const text of ["", ",", "sequencer,", "all", "SEQUENCER", "toString"]) {
    const error = assertThrows(() => readRoles(text), RollupError);
    assertEquals(error.code, "USAGE_INVALID_VALUE", text);
  }
  const error = assertThrows(() => readRoles("synchroniser"), RollupError);
  assertEquals(error.mend, 'Did you mean "synchronizer"?');
});

Deno.test("readHttpUrl() takes http and https alone", () => {
  assertEquals(
    readHttpUrl("https://node.example/v3/x?y", "--l1-rpc"),
    "https://node.example/v3/x?y",
  );
  for (const text of ["", "127.0.0.1:8545", "ws://x", "file:///x", "http://", "javascript:1"]) {
    const error = assertThrows(() => readHttpUrl(text, "--l1-rpc"), RollupError);
    assertEquals(error.code, "USAGE_INVALID_VALUE", text);
  }
});

Deno.test("roles and the policy of sending reach whoever opens the rollup", async () => {
  const policy = [
    ...["--l1-max-fee", "30gwei", "--sequence-wait", "1.5"],
    ...["--sequence-batches", "8", "--verify-interval", "60"],
  ];
  const run = await runFake(["submit", "--roles", "submitter,prover", ...policy]);
  const [opened] = run.opened;
  assertEquals(opened !== undefined && "dataDir" in opened && [opened.roles, opened.submitPolicy], [
    new Set(["submitter", "prover"]),
    {
      maxFeePerGasWei: 30_000_000_000n,
      sequenceWaitSec: 2n,
      maxBatchesPerSequence: 8,
      verifyIntervalSec: 60n,
    },
  ]);
  for (const count of ["0", "1001"]) {
    assertEquals((await runFake(["submit", "--sequence-batches", count])).code, 2);
  }
  const [plain] = (await runFake(["submit"])).opened;
  assertEquals(plain !== undefined && ("roles" in plain || "submitPolicy" in plain), false);
});

Deno.test("devnet on an L1 elsewhere has no port of its own for it, and deploys if asked", async () => {
  const line = ["devnet", "--l1-rpc", URL_TEXT, "--l1-private-key", KEY];
  const run = await runFake([...line, "--deploy"], { interrupted: true });
  assertEquals(run.code, 0, run.err);
  const [opened] = run.opened;
  const l1 = opened !== undefined && "mode" in opened ? opened.l1 : undefined;
  assertEquals([l1?.rpcUrl, l1?.deploy === undefined], [URL_TEXT, false]);
  const without = await runFake(line, { interrupted: true });
  assertEquals(l1Of(without), { rpcUrl: URL_TEXT, key: { kind: "private key", privateKey: KEY } });
  assertEquals((await runFake([...line, "--l1-port", "0"])).code, 2);
  const misplaced = await runFake(["devnet", "--deploy"]);
  assertEquals([misplaced.code, misplaced.opened.length], [2, 0]);
});

Deno.test("deploy passes its flags on, and prints where the contracts are", async () => {
  const line = ["deploy", "--l1-rpc", URL_TEXT, "--l1-private-key", KEY, "--data", "folder"];
  const run = await runFake([
    ...line,
    ...["--admin", "1", "--sequencer", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"],
    ...["--force-timeout", "60", "--l1-max-fee", "9", "--gas-per-pubdata", "0"],
  ]);
  assertEquals(run.code, 0, run.err);
  const [deployed] = run.deployed;
  const account1 = address("0x70997970c51812dc3a010c7d01b50e0d17dc79c8");
  assertEquals(
    deployed?.settings,
    {
      admin: account1,
      sequencer: account1,
      forceTimeoutSec: 60n,
      gasPerPubdata: 0n,
      maxFeePerGasWei: 9n,
    },
  );
  assertEquals([deployed?.file, deployed?.timeoutMs], ["folder/deployment.json", 300_000]);
  assertStringIncludes(run.out, DEPLOYMENT.rollup);
  assertStringIncludes(run.err, "Deployed the verifier");
  const json = JSON.parse((await runFake([...line, "--out", "o.json", "--json"])).out);
  assertEquals([json.file, json.l1ChainId, json.rollup, json.alreadyDeployed], [
    "o.json",
    31_337,
    DEPLOYMENT.rollup,
    false,
  ]);
});

Deno.test("deploy needs an L1 and a key", async () => {
  for (const line of [[], ["--l1-rpc", URL_TEXT], ["--l1-private-key", KEY]]) {
    const run = await runFake(["deploy", ...line]);
    assertEquals([run.code, run.deployed.length], [2, 0]);
  }
});
