import { assertEquals, assertNotEquals } from "@std/assert";
import { ZERO_HASH } from "../../../../core/primitives/hex.ts";
import { transactionHash } from "../../../../core/types/tx.ts";
import { createFixture, RECIPIENT, refusalOf, signedRaw } from "../../testing/fixture.ts";
import { type Case, testMethods } from "../../testing/method_cases.ts";
import { ANVIL_METHODS } from "./mod.ts";

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
      await chain.controls?.setAutomine(false);
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
  anvil_setBalance: {
    params: () => [RECIPIENT, "0x64"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.balance(RECIPIENT, await chain.numberOf("latest")), 100n);
    },
    wrong: [[["0x12", "0x1"], "address"], [[RECIPIENT, "ten"], "balance"], [
      [RECIPIENT],
      "balance",
    ]],
  },
  anvil_setNextBlockBaseFeePerGas: {
    params: () => ["0x77359400"],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(await chain.nextBaseFeePerGasWei(), 2_000_000_000n);
    },
    wrong: [[["low"], "baseFeePerGas"], [[], "baseFeePerGas"]],
  },
};

testMethods(ANVIL_METHODS, CASES);

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

Deno.test("anvil_reorg signs for the node's own accounts only", async () => {
  const { dispatcher, chain } = await createFixture({ layer: "L1" });
  const error = await refusalOf(dispatcher, "anvil_reorg", [1, [[{ from: RECIPIENT }, 0]]]);
  assertEquals(error.message, "unknown account");
  assertEquals(await chain.numberOf("latest"), 3n);
});
