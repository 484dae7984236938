/**
 * The devnet as a user of cast meets it: one process, both ports, nothing else to type.
 *
 * Owns what cast shows. Does not own the commands beside a devnet or its life cycle.
 * @module
 */
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { assert } from "../../core/primitives/errors.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  CAST,
  cast,
  counterBytecode,
  type DevnetProcess,
  KEY_0,
  runJson,
  startDevnetProcess,
  temporaryFolder,
  tryCast,
  waitFor,
} from "./testing.ts";

const SIGNER = ["--private-key", KEY_0] as const;

async function castJson(
  url: string,
  command: string,
  ...args: string[]
): Promise<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(await cast(url, command, "--json", ...args));
  assert(typeof parsed === "object" && parsed !== null, "cast prints an object");
  return Object.fromEntries(Object.entries(parsed));
}

/** Waits until L1 has accepted the proof of the batch with block `number`. */
function waitForFinalized(devnet: DevnetProcess, number: bigint): Promise<bigint> {
  return waitFor(
    async () => BigInt(await cast(devnet.l2Url, "block-number", "finalized")),
    (finalized) => finalized >= number,
  );
}

Deno.test({
  name: "cast send is included and becomes final on L1 without another command",
  ignore: CAST === undefined,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    const { l1Url, l2Url } = devnet;
    const rollup = rollupOf(devnet);
    const sent = await castJson(l2Url, "send", ...SIGNER, ACCOUNT_1, "--value", "1ether");
    assertEquals([sent["status"], sent["blockNumber"]], ["0x1", "0x1"]);
    await waitForFinalized(devnet, 1n);

    const finalized = await castJson(l2Url, "block", "finalized");
    assertEquals(finalized["hash"], sent["blockHash"]);
    assertEquals((await castJson(l2Url, "block", "safe"))["hash"], sent["blockHash"]);
    const verified = await cast(l1Url, "call", rollup, "lastVerifiedBatch()(uint64)");
    const root = await cast(
      l1Url,
      "call",
      rollup,
      "batchNumToStateRoot(uint64)(bytes32)",
      verified,
    );
    const data = ["--data", folder.path];
    const batch = await runJson("inspect-state", "batch", "finalized", ...data);
    assertEquals([String(batch["number"]), batch["stateRoot"]], [verified, root]);
    assertEquals(batch["status"], "consolidated");
    assertEquals(root, finalized["stateRoot"]);
    const heads = await runJson("inspect-state", ...data);
    assertEquals([heads["block"], String(heads["verified"])], [1, verified]);
  },
});

Deno.test({
  name: "cast reads, estimates, deploys, calls and finds logs on L2",
  ignore: CAST === undefined,
  fn: async (t) => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    const { l2Url } = devnet;
    const bytecode = await counterBytecode();
    let counter = "";
    let setHash = "";

    await t.step("chain-id, client and rpc", async () => {
      assertEquals(await cast(l2Url, "chain-id"), "901");
      assertEquals(await cast(l2Url, "rpc", "eth_chainId"), '"0x385"');
      assertStringIncludes(await cast(l2Url, "client"), "varve");
      const unknown = await tryCast(l2Url, "rpc", "eth_noSuchMethod");
      assertNotEquals(unknown.code, 0);
      assertStringIncludes(unknown.stderr, "-32601");
    });

    await t.step("send --create deploys with a constructor argument and value", async () => {
      const receipt = await castJson(
        l2Url,
        "send",
        ...SIGNER,
        "--value",
        "5",
        "--create",
        bytecode,
        "constructor(uint256)",
        "7",
      );
      assertEquals(receipt["status"], "0x1");
      counter = String(receipt["contractAddress"]);
      assertEquals(await cast(l2Url, "call", counter, "number()(uint256)"), "7");
      assertEquals(await cast(l2Url, "balance", counter), "5");
      assert((await cast(l2Url, "code", counter)).length > 100, "the code is on chain");
      assertEquals(await cast(l2Url, "storage", counter, "0"), `0x${"7".padStart(64, "0")}`);
    });

    await t.step("send calls, and receipt, tx and logs tell of it", async () => {
      const sent = await castJson(l2Url, "send", ...SIGNER, counter, "set(uint256)", "42");
      setHash = String(sent["transactionHash"]);
      assertEquals(await cast(l2Url, "call", counter, "number()(uint256)"), "42");
      const receipt = await castJson(l2Url, "receipt", setHash);
      assertEquals([receipt["status"], receipt["blockHash"]], ["0x1", sent["blockHash"]]);
      const tx = await castJson(l2Url, "tx", setHash);
      assertEquals([tx["hash"], tx["nonce"], tx["blockNumber"]], [setHash, "0x1", "0x2"]);
      const filter = ["--address", counter, "--from-block", "0"];
      const logs: unknown = JSON.parse(
        await cast(
          l2Url,
          "logs",
          ...filter,
          "NumberSet(address indexed,uint256)",
          ACCOUNT_0,
          "--json",
        ),
      );
      assert(Array.isArray(logs), "cast prints a list");
      assertEquals(logs.map((log) => log.transactionHash), [setHash]);
      const others = await cast(
        l2Url,
        "logs",
        ...filter,
        "NumberSet(address indexed,uint256)",
        ACCOUNT_1,
        "--json",
      );
      assertEquals(others, "[]");
    });

    await t.step("estimate is enough, and a twentieth less is not", async () => {
      const gas = await cast(l2Url, "estimate", "--from", ACCOUNT_0, counter, "set(uint256)", "43");
      const send = (limit: string) =>
        castJson(l2Url, "send", ...SIGNER, "--gas-limit", limit, counter, "set(uint256)", "43");
      // An estimate leaves room for the pubdata of paying at another price.
      assertEquals((await send(String(BigInt(gas) * 19n / 20n)))["status"], "0x0");
      assertEquals((await send(gas))["status"], "0x1");
      assertEquals(await cast(l2Url, "call", counter, "number()(uint256)"), "43");
    });

    await t.step("a revert reaches call, estimate and send with its reason", async () => {
      const refused = await tryCast(l2Url, "call", counter, "add(uint256)", "0");
      assertNotEquals(refused.code, 0);
      assertStringIncludes(refused.stderr, "nothing to add");
      const lines = [["estimate", "--from", ACCOUNT_0], ["send", ...SIGNER]] as const;
      for (const [command, ...flags] of lines) {
        const result = await tryCast(l2Url, command, ...flags, counter, "add(uint256)", "0");
        assertNotEquals(result.code, 0);
        assertStringIncludes(result.stderr, "nothing to add");
      }
    });

    await t.step("balance, nonce and a block's state at an earlier block", async () => {
      assertEquals(await cast(l2Url, "nonce", ACCOUNT_0), "4");
      assertEquals(await cast(l2Url, "nonce", ACCOUNT_0, "--block", "1"), "1");
      assertEquals(await cast(l2Url, "balance", ACCOUNT_1, "--ether"), "10000.000000000000000000");
      const atBlock1 = await cast(l2Url, "call", "--block", "1", counter, "number()(uint256)");
      assertEquals(atBlock1, "7");
    });

    await t.step("every batch becomes final", async () => {
      const latest = BigInt(await cast(l2Url, "block-number"));
      assertEquals(await waitForFinalized(devnet, latest), latest);
    });
  },
});

Deno.test({
  name: "cast sends, deploys and reads on the L1 port",
  ignore: CAST === undefined,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    const { l1Url } = devnet;
    assertEquals(await cast(l1Url, "chain-id"), "900");
    const sent = await castJson(l1Url, "send", ...SIGNER, ACCOUNT_1, "--value", "1ether");
    assertEquals(sent["status"], "0x1");
    assertEquals(await cast(l1Url, "balance", ACCOUNT_1, "--ether"), "10001.000000000000000000");
    const created = await castJson(
      l1Url,
      "send",
      ...SIGNER,
      "--create",
      await counterBytecode(),
      "constructor(uint256)",
      "7",
    );
    const counter = String(created["contractAddress"]);
    assertEquals(await cast(l1Url, "call", counter, "number()(uint256)"), "7");
    assertEquals((await castJson(l1Url, "block", "latest"))["hash"], created["blockHash"]);
    const stranger = await tryCast(
      l1Url,
      "call",
      rollupOf(devnet),
      "sequenceBatches((bytes,bytes32,uint64,bytes32)[],uint64,uint64,address)",
      "[]",
      "0",
      "0",
      ACCOUNT_1,
    );
    assertNotEquals(stranger.code, 0);
  },
});

function rollupOf(devnet: DevnetProcess): string {
  const { contracts } = devnet.facts;
  assert(
    typeof contracts === "object" && contracts !== null && "Rollup" in contracts,
    "the devnet tells where its contracts are",
  );
  return String(contracts.Rollup);
}
