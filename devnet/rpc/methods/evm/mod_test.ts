import { assertEquals } from "@std/assert";
import { createFixture, signedRaw } from "../../testing/fixture.ts";
import { type Case, testMethods, TOO_MANY } from "../../testing/method_cases.ts";
import { EVM_METHODS } from "./mod.ts";

const CASES: Readonly<Record<string, Case>> = {
  evm_mine: {
    params: () => [{ blocks: 3 }],
    check: async (result, { chain }) => {
      assertEquals(result, "0x0");
      assertEquals(await chain.numberOf("latest"), 6n);
    },
    wrong: [
      [[{ blocks: "x" }], "(options).blocks"],
      [[{ timestamp: "x" }], "(options).timestamp"],
      [["soon"], "options"],
    ],
  },
  evm_increaseTime: {
    params: async ({ dispatcher }) => {
      assertEquals(await dispatcher.request("evm_increaseTime", [40]), 40);
      return ["0x3c"];
    },
    check: async (result, { chain }) => {
      assertEquals(result, 100);
      assertEquals((await chain.header(await chain.mine()))?.timestampSec, 1_700_000_104n);
    },
    wrong: [[[-1], "seconds"], [["a day"], "seconds"], [[2 ** 40], "seconds"], [[], "seconds"]],
  },
  evm_setAutomine: {
    params: () => [false],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      await chain.sendRawTransaction(signedRaw(chain, { nonce: 3n }));
      assertEquals(await chain.numberOf("latest"), 3n);
    },
    wrong: [[["yes"], "enabled"], [[], "enabled"]],
  },
  evm_setNextBlockTimestamp: {
    params: () => [1_700_000_500],
    check: async (result, { chain }) => {
      assertEquals(result, null);
      assertEquals((await chain.header(await chain.mine()))?.timestampSec, 1_700_000_500n);
    },
    wrong: [[["noon"], "timestamp"], [[1_700_000_003], "the fake says so"]],
  },
  evm_snapshot: {
    check: async (result, { dispatcher }) => {
      assertEquals(result, "0x0");
      assertEquals(await dispatcher.request("anvil_snapshot"), "0x1");
    },
    wrong: TOO_MANY,
  },
  evm_revert: {
    params: async ({ dispatcher }) => [await dispatcher.request("evm_snapshot")],
    check: async (result, { dispatcher }) => {
      assertEquals(result, true);
      assertEquals(await dispatcher.request("evm_revert", ["0x0"]), false);
      assertEquals(await dispatcher.request("evm_revert", [7]), false);
    },
    wrong: [[["first"], "id"], [[], "id"]],
  },
  evm_setTime: {
    params: () => [1_700_000_400],
    check: async (result, { dispatcher }) => {
      assertEquals(result, 400);
      assertEquals(await dispatcher.request("evm_setTime", [1_700_000_500_000]), 100);
      assertEquals(await dispatcher.request("anvil_setTime", [1_700_000_000]), 0);
    },
    wrong: [[["noon"], "timestamp"], [[], "timestamp"]],
  },
  evm_setIntervalMining: {
    params: () => [5],
    check: (result, { chain }) => {
      assertEquals(result, null);
      assertEquals(chain.controls.intervalMiningSec(), 5n);
    },
    wrong: [[["often"], "seconds"], [[], "seconds"]],
  },
};

testMethods(EVM_METHODS, CASES);

Deno.test("evm_mine takes the timestamp of its first block, anvil_mine an interval", async () => {
  const { dispatcher, chain } = await createFixture();
  await dispatcher.request("evm_mine", [1_700_000_050]);
  await dispatcher.request("evm_mine", [{ timestamp: "0x6553f164", blocks: 2 }]);
  const times = await Promise.all([4n, 5n].map((number) => chain.header(number)));
  assertEquals(times.map((header) => header?.timestampSec), [1_700_000_050n, 1_700_000_100n]);
  await dispatcher.request("anvil_mine", [2, "0xa"]);
  const last = await Promise.all([7n, 8n].map((number) => chain.header(number)));
  assertEquals(last.map((header) => header?.timestampSec), [1_700_000_017n, 1_700_000_028n]);
});
