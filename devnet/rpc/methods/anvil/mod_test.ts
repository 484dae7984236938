import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { bigintToHash32, ZERO_HASH } from "../../../../core/primitives/hex.ts";
import { transactionHash } from "../../../../core/types/tx.ts";
import { createFixture, RECIPIENT, refusalOf, signedRaw } from "../../testing/fixture.ts";
import { type Case, equals, field, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { ANVIL_METHODS } from "./mod.ts";

const NOT_AN_ADDRESS: Case["wrong"][number] = [["0x12"], "address"];
const NOT_A_SWITCH: Case["wrong"] = [[["yes"], "enabled"], [[], "enabled"]];
const WORD = `0x${"07".repeat(32)}`;

const CASES: Readonly<Record<string, Case>> = {
  anvil_mine: {
    params: () => [2, "0x0"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 5n);
    },
    wrong: [[["two"], "blocks"], [["0x1", "five"], "interval"], [["0xffffff"], "blocks"]],
  },
  anvil_dropTransaction: {
    params: async ({ chain }) => {
      await chain.controls.setAutomine(false);
      return [await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }))];
    },
    check: async (result, { chain, dispatcher }) => {
      assertEquals(result, transactionHash(signedRaw(chain, { nonce: 3n })));
      assertEquals(await chain.pendingTransactions(), []);
      assertEquals(await dispatcher.request("anvil_dropTransaction", [result]), null);
    },
    wrong: [[["0x12"], "transactionHash"], [[], "transactionHash"]],
  },
  anvil_reorg: {
    // What an object leaves out is filled in as of block 1: nonce 1 in block 2, then 2 in block 3.
    params: ({ other }) => [2, [
      [{ to: RECIPIENT, value: "0x7" }, 1],
      [{ to: RECIPIENT, value: "0x6" }, 0],
      [{ from: other, to: RECIPIENT, nonce: "0x0", gas: "0x5208" }, 1],
    ]],
    check: async (result, { chain, blocks, sender, other }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 3n);
      assertEquals((await chain.header(1n))?.hash, blocks[1]?.header.hash);
      assertNotEquals((await chain.header(2n))?.hash, blocks[2]?.header.hash);
      const made = await Promise.all([2n, 3n].map((number) => chain.block(number)));
      const entries = made.map((block) =>
        block?.transactions.map((entry) => [entry.sender, entry.tx.nonce, entry.tx.valueWei])
      );
      assertEquals(entries, [[[sender, 1n, 6n]], [[sender, 2n, 7n], [other, 0n, 0n]]]);
    },
    wrong: [
      [[], "depth"],
      [["two", []], "depth"],
      [[-1, []], "depth"],
      [[1, {}], "txBlockPairs"],
      [[1, ["0x02"]], "txBlockPairs"],
      [[1, [["0x0", 0]]], "(txBlockPairs)[0][0]"],
      [[1, [[{ to: "0x12" }, 0]]], "(txBlockPairs)[0][0].to"],
      [[1, [["0x02", "0x0"]]], "(txBlockPairs)[0][1]"],
      [[{ depth: 1, tx_block_pairs: [["0x02", -1]] }], "tx_block_pairs[0][1]"],
      [[{ txBlockPairs: [] }], "(depth).depth"],
    ],
  },
  anvil_rollback: {
    check: async (result, { chain, blocks }) => {
      assertEquals(result, null);
      assertEquals(await chain.numberOf("latest"), 2n);
      assertEquals(await chain.numberOfHash(blocks[3]?.header.hash ?? ZERO_HASH), undefined);
    },
    wrong: [[["one"], "depth"], [[-1], "depth"], [[4], "the fake says so"]],
  },
  anvil_mine_detailed: {
    params: () => [{ blocks: 2 }],
    check: (result) => {
      assertEquals(Array.isArray(result), true);
      assertEquals((result as readonly unknown[]).map((block) => field(block, "number")), [
        "0x4",
        "0x5",
      ]);
    },
    wrong: [[[{ blocks: "x" }], "(options).blocks"], [["soon"], "options"]],
  },
  anvil_setBalance: {
    params: () => [RECIPIENT, "0x64"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.balance(RECIPIENT, await chain.numberOf("latest")), 100n);
      assertEquals(await chain.numberOf("latest"), 3n);
    },
    wrong: [NOT_AN_ADDRESS, [[RECIPIENT, "ten"], "balance"], [[RECIPIENT], "balance"]],
  },
  anvil_addBalance: {
    params: ({ other }) => [other, "0x64"],
    check: async (result, { chain, other }) => {
      assertEquals(result, null);
      assertEquals(await chain.balance(other, 3n), 10n ** 22n + 100n);
    },
    wrong: [NOT_AN_ADDRESS, [[RECIPIENT, "ten"], "amount"]],
  },
  anvil_setCode: {
    params: () => [RECIPIENT, "0x6001"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.code(RECIPIENT, 3n), Uint8Array.of(0x60, 0x01));
    },
    wrong: [NOT_AN_ADDRESS, [[RECIPIENT, "0x6"], "code"]],
  },
  anvil_setNonce: {
    params: () => [RECIPIENT, "0x5"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.nonce(RECIPIENT, 3n), 5n);
    },
    wrong: [NOT_AN_ADDRESS, [[RECIPIENT, "five"], "nonce"]],
  },
  anvil_setStorageAt: {
    params: () => [RECIPIENT, "0x1", WORD],
    check: async (result, { chain }) => {
      assertEquals(result, true);
      assertEquals(await chain.storage(RECIPIENT, bigintToHash32(1n), 3n), WORD);
    },
    wrong: [NOT_AN_ADDRESS, [[RECIPIENT, "one"], "slot"], [[RECIPIENT, "0x1", 7], "value"]],
  },
  anvil_setCoinbase: {
    params: () => [RECIPIENT],
    check: (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(chain.wished(), { coinbase: RECIPIENT });
    },
    wrong: [NOT_AN_ADDRESS],
  },
  anvil_setBlockGasLimit: {
    params: () => ["0x1c9c380"],
    check: (result, { chain }) => {
      assertEquals(result, true);
      assertEquals(chain.wished(), { gasLimit: 30_000_000n });
    },
    wrong: [[["much"], "gasLimit"], [[], "gasLimit"]],
  },
  anvil_setNextBlockBaseFeePerGas: {
    params: () => ["0x77359400"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.nextBaseFeePerGasWei(), 2_000_000_000n);
    },
    wrong: [[["low"], "baseFeePerGas"], [[], "baseFeePerGas"]],
  },
  anvil_setNextBlockPrevRandao: {
    params: () => [WORD],
    check: (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(chain.wished(), { prevRandao: WORD });
    },
    wrong: [[["0x07"], "prevRandao"]],
  },
  anvil_impersonateAccount: {
    params: () => [RECIPIENT],
    check: async (result, { chain, dispatcher }) => {
      assertEquals(result, null);
      assertEquals(chain.controls.impersonated(), [RECIPIENT]);
      const transaction = { from: RECIPIENT, to: RECIPIENT, gas: "0x5208" };
      await dispatcher.request("eth_sendTransaction", [transaction]);
      assertEquals((await chain.block(4n))?.transactions[0]?.sender, RECIPIENT);
      const accounts = await dispatcher.request("eth_accounts");
      assertEquals((accounts as readonly unknown[]).includes(RECIPIENT), true);
    },
    wrong: [NOT_AN_ADDRESS],
  },
  anvil_stopImpersonatingAccount: {
    params: async ({ dispatcher }) => {
      await dispatcher.request("hardhat_impersonateAccount", [RECIPIENT]);
      return [RECIPIENT];
    },
    check: (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(chain.controls.isImpersonated(RECIPIENT), false);
    },
    wrong: [NOT_AN_ADDRESS],
  },
  anvil_autoImpersonateAccount: {
    params: () => [true],
    check: (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(chain.controls.isImpersonated(RECIPIENT), true);
    },
    wrong: NOT_A_SWITCH,
  },
  anvil_setBlockTimestampInterval: {
    params: () => [10],
    check: async (result, { dispatcher }) => {
      assertEquals(result, null);
      assertEquals(await dispatcher.request("anvil_removeBlockTimestampInterval"), true);
    },
    wrong: [[[0], "seconds"], [["often"], "seconds"], [[], "seconds"]],
  },
  hardhat_setBlockTimestampInterval: {
    params: () => [10_000],
    check: async (result, { dispatcher }) => {
      assertEquals(result, null);
      assertEquals(await dispatcher.request("hardhat_removeBlockTimestampInterval"), true);
    },
    wrong: [[[0], "milliseconds"], [["often"], "milliseconds"], [[], "milliseconds"]],
  },
  anvil_removeBlockTimestampInterval: { layer: "L1", check: equals(false), wrong: TOO_MANY },
  anvil_dropAllTransactions: {
    params: async ({ chain }) => {
      await chain.controls.setAutomine(false);
      await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
      return [];
    },
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.pendingTransactions(), []);
    },
    wrong: TOO_MANY,
  },
  anvil_removePoolTransactions: {
    params: async ({ chain, sender, other, dispatcher }) => {
      await chain.controls.setAutomine(false);
      await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
      await dispatcher.request("eth_sendTransaction", [{ from: other, to: RECIPIENT }]);
      return [sender];
    },
    check: async (result, { chain, other }) => {
      assertEquals(result, null);
      assertEquals((await chain.pendingTransactions()).map((entry) => entry.sender), [other]);
    },
    wrong: [NOT_AN_ADDRESS],
  },
  anvil_dumpState: {
    params: () => [true],
    check: equals("0x1f8b"),
    wrong: [[["all"], "preserveHistoricalStates"]],
  },
  anvil_loadState: {
    params: () => ["0x1f8b"],
    check: equals(true),
    wrong: [[["dump"], "state"], [[], "state"], [["0x00"], "the fake says so"]],
  },
  anvil_setChainId: {
    params: ({ chain }) => [Number(chain.chainId)],
    check: async (result, { dispatcher }) => {
      assertEquals(result, null);
      const error = await refusalOf(dispatcher, "anvil_setChainId", [5]);
      assertEquals(field(error.data, "code"), "DEV_METHOD_UNSUPPORTED");
    },
    wrong: [[["mainnet"], "chainId"], [[], "chainId"]],
  },
  anvil_setRpcUrl: {
    params: () => ["http://127.0.0.1:1"],
    check: equals(null),
    wrong: [[[7], "url"], [[], "url"]],
  },
  anvil_getAutomine: {
    params: async ({ chain }) => {
      await chain.controls.setAutomine(false);
      return [];
    },
    check: equals(false),
    wrong: TOO_MANY,
  },
  anvil_getIntervalMining: {
    params: async ({ dispatcher }) => {
      assertEquals(await dispatcher.request("anvil_getIntervalMining"), null);
      await dispatcher.request("evm_setIntervalMining", [5]);
      return [];
    },
    check: equals(5),
    wrong: TOO_MANY,
  },
  anvil_getGenesisTime: { check: equals(1_700_000_000), wrong: TOO_MANY },
  anvil_nodeInfo: {
    check: (result, { blocks }) => {
      assertEquals(field(result, "currentBlockNumber"), "0x3");
      assertEquals(field(result, "currentBlockHash"), blocks[3]?.header.hash);
      assertEquals(field(result, "hardFork"), "Osaka");
      assertEquals(field(field(result, "environment"), "chainId"), 900);
    },
    wrong: TOO_MANY,
  },
  anvil_metadata: {
    params: async ({ devnet }) => {
      await devnet.snapshot();
      return [];
    },
    check: (result) => {
      assertEquals(field(result, "chainId"), 901);
      assertEquals(field(result, "latestBlockNumber"), 3);
      assertEquals(field(result, "snapshots"), { "0x0": [3, bigintToHash32(9n)] });
    },
    wrong: TOO_MANY,
  },
  anvil_reset: {
    params: () => [{ forking: { blockNumber: null } }],
    check: async (result, { devnet, dispatcher }) => {
      assertEquals(result, null);
      assertEquals(devnet.asked, ["reset"]);
      const forking = { jsonRpcUrl: "http://127.0.0.1:1" };
      const error = await refusalOf(dispatcher, "anvil_reset", [{ forking }]);
      assertEquals(field(error.data, "code"), "DEV_METHOD_UNSUPPORTED");
    },
    wrong: [[["now"], "options"]],
  },
  anvil_setLoggingEnabled: {
    params: () => [false],
    check: (result, { devnet }) => {
      assertEquals(result, null);
      assertEquals(devnet.asked, ["log false"]);
    },
    wrong: NOT_A_SWITCH,
  },
};

/** Refused for everybody, so it has no good request. */
const REFUSED = ["anvil_setMinGasPrice"];
/** Found by trying on a real EVM: see the tests of a whole devnet. */
const ON_A_DEVNET = ["anvil_dealERC20", "anvil_setERC20Allowance"];

testMethods(
  ANVIL_METHODS.filter(({ name }) => ![...REFUSED, ...ON_A_DEVNET].includes(name)),
  CASES,
);

Deno.test("anvil_setMinGasPrice is refused as anvil does", async () => {
  const { dispatcher } = await createFixture({ layer: "L1" });
  const error = await refusalOf(dispatcher, "anvil_setMinGasPrice", ["0x1"]);
  assertEquals(error.code, -32602);
  assertEquals(
    error.message,
    "anvil_setMinGasPrice is not supported when EIP-1559 is active",
  );
});

Deno.test("anvil_reorg takes its options by name too, bare or in the list", async () => {
  const { methods, chain } = await createFixture({ layer: "L1" });
  const seen = new Set<string>();
  for (
    const params of [
      { depth: 1, tx_block_pairs: [] },
      { depth: 1 },
      [{ depth: 1, txBlockPairs: [] }],
      [1, []],
      [1, null],
      ["0x1"],
    ]
  ) {
    assertEquals(await methods.call("anvil_reorg", params), null);
    seen.add((await chain.header(3n))?.hash ?? "none");
  }
  assertEquals(seen.size, 6);
});

Deno.test("anvil_reorg sends for impersonated accounts without a signature", async () => {
  const { dispatcher, chain, other } = await createFixture({ layer: "L1" });
  await dispatcher.request("anvil_impersonateAccount", [RECIPIENT]);
  await dispatcher.request("anvil_impersonateAccount", [other]);
  const pairs = [[{ from: RECIPIENT, gas: "0x7530" }, 0], [{ from: other, gas: "0x7530" }, 0]];
  await dispatcher.request("anvil_reorg", [1, pairs]);
  const transactions = (await chain.block(3n))?.transactions ?? [];
  // A dev account signs also while it is impersonated.
  assertEquals(
    transactions.map(({ sender, tx }) => [sender, tx.s === 1n]),
    [[RECIPIENT, true], [other, false]],
  );
  await dispatcher.request("anvil_stopImpersonatingAccount", [RECIPIENT]);
  const error = await refusalOf(dispatcher, "anvil_reorg", [1, pairs]);
  assertEquals(error.message, "unknown account");
});

Deno.test("anvil_reorg signs for the node's own accounts only", async () => {
  const { dispatcher, chain } = await createFixture({ layer: "L1" });
  const error = await refusalOf(dispatcher, "anvil_reorg", [1, [[{ from: RECIPIENT }, 0]]]);
  assertEquals(error.message, "unknown account");
  assertEquals(await chain.numberOf("latest"), 3n);
});

Deno.test("controls have Hardhat's prefix too", async () => {
  const { methods } = await createFixture();
  const names = ["nodeInfo", "reorg", "rollback", "setAutomine", "setTime"];
  for (const name of names) assert(methods.names.includes(`hardhat_${name}`), name);
  const call = (prefix: string) => methods.call(`${prefix}_nodeInfo`, []);
  assertEquals(await call("hardhat"), await call("anvil"));
  assert(methods.names.includes("debug_traceTransactionCounters"));
});
