/**
 * Commands for developers where somebody else's program is the other side: cast, and a real anvil.
 *
 * Owns what those programs make of our answers, and we of theirs. Does not own the commands
 * (`tests/conformance/rpc`).
 * @module
 */
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { ANVIL, startAnvil, startDevnetOnL1 } from "./anvil.ts";
import {
  ACCOUNT_1,
  CAST,
  cast,
  KEY_0,
  rpc,
  startDevnetProcess,
  temporaryFolder,
  tryCast,
} from "./testing.ts";

const NOBODY = `0x${"a1".repeat(20)}`;

Deno.test(
  { name: "cast sends unlocked as whom the L1 impersonates", ignore: CAST === undefined },
  async () => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path);
    const { l1Url, l2Url } = devnet;
    // As `cast to-wei` prints it: more than a JavaScript number holds.
    await cast(l1Url, "rpc", "anvil_setBalance", NOBODY, "12345678901234567891");
    assertEquals(await cast(l1Url, "balance", NOBODY), "12345678901234567891");
    const unlocked = ["--unlocked", "--from", NOBODY, "--json"];
    const send = (url: string, ...args: readonly string[]) =>
      tryCast(url, "send", ...unlocked, ...args);
    assertStringIncludes((await send(l1Url, ACCOUNT_1)).stderr, "unknown account");
    await cast(l1Url, "rpc", "anvil_impersonateAccount", NOBODY);
    const { status, from } = JSON.parse((await send(l1Url, ACCOUNT_1, "--value", "1")).stdout);
    assertEquals([status, from], ["0x1", NOBODY]);
    const created = JSON.parse(
      (await send(l1Url, "--create", "0x6001600c60003960016000f300")).stdout,
    );
    assertEquals(await cast(l1Url, "code", created.contractAddress), "0x00");
    // Runs the transactions of the block before it again, which nobody has signed either.
    assertStringIncludes(
      await cast(l1Url, "run", created.transactionHash),
      "successfully executed",
    );
    const refused = await tryCast(l2Url, "rpc", "anvil_impersonateAccount", NOBODY);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "batch data on L1 holds signed transactions only");
  },
);

Deno.test(
  { name: "anvil and the L1 load each other's dumps", ignore: ANVIL === undefined },
  async () => {
    await using folder = await temporaryFolder();
    await using devnet = await startDevnetProcess(folder.path, "--manual");
    const { l1Url } = devnet;
    await using anvil = await startAnvil({ chainId: 900 });
    const slot = `0x${"3".padStart(64, "0")}`;
    const word = `0x${"07".repeat(32)}`;
    await rpc(anvil.url, "anvil_setBalance", NOBODY, "0x5");
    await rpc(anvil.url, "anvil_setNonce", NOBODY, "0x9");
    await rpc(anvil.url, "anvil_setCode", NOBODY, "0x6001");
    await rpc(anvil.url, "anvil_setStorageAt", NOBODY, slot, word);
    await rpc(anvil.url, "evm_increaseTime", 10_000_000);
    await rpc(anvil.url, "evm_mine");
    const read = (url: string) =>
      Promise.all([
        rpc(url, "eth_getBalance", NOBODY, "latest"),
        rpc(url, "eth_getTransactionCount", NOBODY, "latest"),
        rpc(url, "eth_getCode", NOBODY, "latest"),
        rpc(url, "eth_getStorageAt", NOBODY, slot, "latest"),
      ]);
    assertNotEquals(await read(l1Url), await read(anvil.url));
    assertEquals(
      await rpc(l1Url, "anvil_loadState", await rpc(anvil.url, "anvil_dumpState")),
      true,
    );
    assertEquals(await read(l1Url), await read(anvil.url));
    // Contracts find no time of theirs in the future.
    await rpc(l1Url, "evm_mine");
    const timeOf = async (url: string): Promise<number> =>
      Number(Object(await rpc(url, "eth_getBlockByNumber", "latest", false)).timestamp);
    assertEquals(await timeOf(l1Url) >= await timeOf(anvil.url), true);

    const dump = await rpc(l1Url, "anvil_dumpState");
    assertEquals(await rpc(l1Url, "anvil_dumpState"), dump);
    await using other = await startAnvil({ chainId: 900 });
    assertEquals(await rpc(other.url, "anvil_loadState", dump), true);
    assertEquals(await read(other.url), await read(l1Url));
    // Blocks, transactions and receipts too: here is the deployment of our contracts.
    const latest = Number(await rpc(l1Url, "eth_blockNumber"));
    assertEquals(Number(await rpc(other.url, "eth_blockNumber")), latest);
    for (let number = 1; number <= latest; number++) {
      const ask = async (url: string) =>
        Object(await rpc(url, "eth_getBlockByNumber", `0x${number.toString(16)}`, false));
      const [ours, theirs] = [await ask(l1Url), await ask(other.url)];
      assertEquals([theirs.hash, theirs.transactions], [ours.hash, ours.transactions]);
      for (const hash of ours.transactions) {
        const [receipt, shown] = await Promise.all(
          [l1Url, other.url].map((url) => rpc(url, "eth_getTransactionReceipt", hash)),
        );
        const { status, gasUsed, contractAddress, logs } = Object(receipt);
        assertEquals(
          [Object(shown).status, Object(shown).gasUsed, Object(shown).contractAddress],
          [status, gasUsed, contractAddress],
        );
        assertEquals(Object(shown).logs.length, logs.length);
      }
    }
  },
);

Deno.test(
  { name: "snapshots over an L1 elsewhere end where L1 begins", ignore: ANVIL === undefined },
  async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: 31_337 });
    const line = ["--l1-rpc", anvil.url, "--l1-private-key", KEY_0, "--deploy", "--manual"];
    await using devnet = await startDevnetOnL1("--data-dir", folder.path, ...line);
    const { l2Url } = devnet;
    const first = await rpc(l2Url, "evm_snapshot");
    await rpc(l2Url, "evm_mine");
    const second = await rpc(l2Url, "evm_snapshot");
    await rpc(l2Url, "evm_mine");
    assertEquals(await rpc(l2Url, "evm_revert", second), true);
    assertEquals(await rpc(l2Url, "eth_blockNumber"), "0x1");
    await rpc(l2Url, "varve_sealBatch");
    await rpc(l2Url, "varve_submit");
    const refusalOf = (method: string, ...params: readonly unknown[]) =>
      rpc(l2Url, method, ...params).then(() => "", String);
    for (const refused of [await refusalOf("evm_revert", first), await refusalOf("anvil_reset")]) {
      assertStringIncludes(
        refused,
        "Cannot take L2 back to block 0 as L1 must not have later ones",
      );
    }
    // The refusal has moved nothing.
    assertEquals(await rpc(l2Url, "eth_blockNumber"), "0x1");
    await rpc(l2Url, "evm_mine");
    assertEquals(await rpc(l2Url, "eth_blockNumber"), "0x2");
  },
);
