/**
 * The verbs of cast that people type at a devnet, against both ports.
 *
 * Owns what cast prints of the answers. Does not own the rules behind them.
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  CAST,
  cast,
  counterBytecode,
  KEY_0,
  startDevnetProcess,
  temporaryFolder,
  tryCast,
} from "./testing.ts";

const ignore = CAST === undefined;

Deno.test(
  { name: "cast reads, sends, calls, traces and travels on both layers", ignore },
  async (t) => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    const bytecode = await counterBytecode();
    for (const [layer, url] of [["L1", devnet.l1Url], ["L2", devnet.l2Url]] as const) {
      await t.step(`cast on ${layer}`, (step) => useCast(step, { layer, url, bytecode }));
    }
    await t.step("cast rpc reaches the methods of the rollup", async () => {
      assertMatch(await cast(devnet.l2Url, "rpc", "zks_L1BatchNumber"), /^"0x[0-9a-f]+"$/);
      assertMatch(await cast(devnet.l2Url, "rpc", "varve_heads"), /"sealed":[0-9]+/);
    });
  },
);

interface Port {
  readonly layer: "L1" | "L2";
  readonly url: string;
  readonly bytecode: string;
}

async function useCast(t: Deno.TestContext, { layer, url, bytecode }: Port): Promise<void> {
  const ask = (command: string, ...args: readonly string[]) => cast(url, command, ...args);
  const signer = ["--private-key", KEY_0];
  await t.step("chain-id, client, block, gas-price, base-fee, age", async () => {
    assertEquals(await ask("chain-id"), layer === "L1" ? "900" : "901");
    assertMatch(await ask("client"), new RegExp(`^varve/.*${layer}`));
    assertMatch(await ask("block-number"), /^\d+$/);
    assertMatch(await ask("gas-price"), /^\d+$/);
    assertMatch(await ask("base-fee"), /^\d+$/);
    assertMatch(await ask("block", "latest", "--field", "hash"), /^0x[0-9a-f]{64}$/);
    assertMatch(await ask("age", "latest"), /\d{4}/);
  });

  await t.step("balance, nonce, send, tx, receipt", async () => {
    const before = BigInt(await ask("balance", ACCOUNT_1));
    const nonce = Number(await ask("nonce", ACCOUNT_0));
    const sent = await ask("send", "--json", ...signer, "--value", "1ether", ACCOUNT_1);
    const { transactionHash, status } = JSON.parse(sent);
    assertEquals(status, "0x1");
    assertEquals(BigInt(await ask("balance", ACCOUNT_1)) - before, 10n ** 18n);
    assertEquals(Number(await ask("nonce", ACCOUNT_0)), nonce + 1);
    assertStringIncludes(await ask("tx", transactionHash), "1000000000000000000");
    const shown = await ask("receipt", transactionHash, "gasUsed");
    assertEquals(BigInt(shown) >= 21_000n, true);
    const legacy = await ask("send", "--json", "--legacy", ...signer, "--value", "1", ACCOUNT_1);
    assertEquals(JSON.parse(legacy).type, "0x0");
  });

  const deployed = await ask("send", "--json", ...signer, "--create", bytecode + word(7));
  const counter: string = JSON.parse(deployed).contractAddress;
  await t.step("code, codesize, call, storage, logs, estimate, access-list", async () => {
    assertEquals((await ask("code", counter)).startsWith("0x60"), true);
    assertMatch(await ask("codesize", counter), /^[1-9]\d+$/);
    assertEquals(await ask("call", counter, "number()(uint256)"), "7");
    assertEquals(await ask("storage", counter, "0"), `0x${word(7)}`);
    const set = await ask("send", "--json", ...signer, counter, "set(uint256)", "42");
    assertEquals(JSON.parse(set).logs.length, 1);
    assertEquals(await ask("call", counter, "number()(uint256)"), "42");
    const found = await ask("logs", "--json", "--from-block", "0", "--address", counter);
    assertEquals(JSON.parse(found).length, 1);
    const gas = await ask("estimate", "--from", ACCOUNT_0, counter, "set(uint256)", "43");
    assertEquals(BigInt(gas) > 21_000n, true);
    const list = await ask("access-list", "--from", ACCOUNT_0, counter, "set(uint256)", "44");
    assertStringIncludes(list, "gas used");
  });

  await t.step("a refused call tells its reason", async () => {
    const words = await tryCast(url, "call", counter, "add(uint256)", "0");
    assertStringIncludes(words.stderr, "nothing to add");
    const custom = await tryCast(url, "call", counter, "set(uint256)", "101");
    // NumberTooLarge(uint256,uint256)
    assertStringIncludes(custom.stderr, "execution reverted");
  });

  await t.step("mktx and publish", async () => {
    const raw = await ask("mktx", ...signer, "--value", "1", ACCOUNT_1);
    const published = JSON.parse(await ask("publish", raw));
    assertEquals(published.status, "0x1");
  });

  await t.step("run replays a transaction with its trace", async () => {
    const set = await ask("send", "--json", ...signer, counter, "set(uint256)", "12");
    const shown = await ask("run", "--quick", JSON.parse(set).transactionHash);
    assertStringIncludes(shown, "Transaction successfully executed");
  });

  await t.step("rpc of the node's own and of developers", async () => {
    assertMatch(await ask("rpc", "net_version"), /^"90[01]"$/);
    const before = BigInt(await ask("block-number"));
    await ask("rpc", "anvil_mine", "0x2");
    assertEquals(BigInt(await ask("block-number")), before + 2n);
    const time = BigInt(await ask("block", "latest", "--field", "timestamp"));
    await ask("rpc", "evm_increaseTime", "3600");
    await ask("rpc", "evm_mine");
    const later = BigInt(await ask("block", "latest", "--field", "timestamp"));
    assertEquals(later >= time + 3600n, true);
    assertMatch(await ask("find-block", String(time)), /^\d+$/);
    assertStringIncludes(await ask("rpc", "txpool_status"), '"pending":"0x0"');
  });
}

/** A word of calldata. */
function word(value: number): string {
  return value.toString(16).padStart(64, "0");
}
