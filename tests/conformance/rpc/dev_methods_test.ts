/**
 * What tests command, on a real devnet: both ports, one clock, one history.
 *
 * Owns single commands. Does not own snapshots (`snapshots_test.ts`).
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { field } from "../../../devnet/rpc/testing/method_cases.ts";
import {
  ALICE,
  balanceOf,
  BOB,
  NOBODY,
  numberOf,
  refusalOf,
  send,
  timeOf,
  withDevnet,
} from "./dev_steps.ts";

Deno.test("the L1 port takes decrees at once, without a block", async () => {
  await withDevnet({}, async ({ l1 }) => {
    const before = await numberOf(l1);
    await l1("hardhat_setBalance", [NOBODY, "0x64"]);
    await l1("anvil_addBalance", [NOBODY, "0x1"]);
    await l1("anvil_setNonce", [NOBODY, "0x7"]);
    await l1("anvil_setCode", [NOBODY, "0x6003545f5260205ff3"]);
    await l1("anvil_setStorageAt", [NOBODY, "0x3", `0x${"05".padStart(64, "0")}`]);
    const read = async () => ({
      balance: await balanceOf(l1, NOBODY),
      nonce: await l1("eth_getTransactionCount", [NOBODY, "latest"]),
      answer: BigInt(String(await l1("eth_call", [{ to: NOBODY }, "latest"]))),
    });
    const wanted = { balance: 101n, nonce: "0x7", answer: 5n };
    assertEquals(await read(), wanted);
    assertEquals(await numberOf(l1), before);
    await l1("evm_mine");
    assertEquals(await read(), wanted);
  });
});

Deno.test("a decreed nonce lets what waited with a lower one go, and what waited for it be mined", async () => {
  await withDevnet({}, async ({ l1 }) => {
    await l1("evm_setAutomine", [false]);
    const first = await send(l1, NOBODY);
    const later = await l1("eth_sendTransaction", [{ from: ALICE, to: NOBODY, nonce: "0x5" }]);
    await l1("anvil_setNonce", [ALICE, 5]);
    assertEquals(await l1("eth_getTransactionByHash", [first]), null);
    assertEquals(await l1("txpool_status"), { pending: "0x1", queued: "0x0" });
    await l1("evm_mine");
    assertEquals(field(await l1("eth_getTransactionReceipt", [later]), "status"), "0x1");
    assertEquals(await l1("txpool_status"), { pending: "0x0", queued: "0x0" });
  });
});

Deno.test("the L1 port lets anybody send who is impersonated, a contract too", async () => {
  await withDevnet({}, async ({ l1 }) => {
    await l1("anvil_setBalance", [NOBODY, "0xde0b6b3a7640000"]);
    await l1("anvil_setCode", [NOBODY, "0x00"]);
    const unknown = await refusalOf(send(l1, BOB, "0x1", NOBODY));
    assertEquals(unknown.message, "unknown account");
    await l1("anvil_impersonateAccount", [NOBODY]);
    const hash = await send(l1, BOB, "0x1", NOBODY);
    const receipt = await l1("eth_getTransactionReceipt", [hash]);
    assertEquals([field(receipt, "status"), field(receipt, "from")], ["0x1", NOBODY]);
    assertEquals(field(await l1("eth_getTransactionByHash", [hash]), "from"), NOBODY);
    const awaited = await l1("eth_sendTransactionSync", [{ from: NOBODY, to: BOB }]);
    assertEquals([field(awaited, "status"), field(awaited, "from")], ["0x1", NOBODY]);
    await l1("anvil_stopImpersonatingAccount", [NOBODY]);
    assertEquals((await refusalOf(send(l1, BOB, "0x1", NOBODY))).message, "unknown account");
    const unsigned = await l1("eth_sendUnsignedTransaction", [{ from: NOBODY, to: BOB }]);
    assertEquals(field(await l1("eth_getTransactionReceipt", [unsigned]), "status"), "0x1");
  });
});

Deno.test("the L1 port chooses fields of blocks", async () => {
  await withDevnet({}, async ({ l1 }) => {
    const randao = `0x${"07".repeat(32)}`;
    await l1("anvil_setCoinbase", [NOBODY]);
    await l1("evm_setBlockGasLimit", ["0x17d7840"]);
    await l1("anvil_setNextBlockBaseFeePerGas", ["0x4d"]);
    await l1("hardhat_setPrevRandao", [randao]);
    await l1("evm_mine");
    const block = await l1("eth_getBlockByNumber", ["latest", false]);
    const shown = ["miner", "gasLimit", "baseFeePerGas", "mixHash"].map((name) =>
      field(block, name)
    );
    assertEquals(shown, [NOBODY, "0x17d7840", "0x4d", randao]);
    await l1("evm_mine");
    const next = await l1("eth_getBlockByNumber", ["latest", false]);
    assertEquals([field(next, "miner"), field(next, "gasLimit")], [NOBODY, "0x17d7840"]);
    assertNotEquals(field(next, "mixHash"), randao);
    // Code reads the same word: PREVRANDAO, returned.
    await l1("anvil_setCode", [NOBODY, "0x445f5260205ff3"]);
    assertEquals(await l1("eth_call", [{ to: NOBODY }, "latest"]), field(next, "mixHash"));
    assert(BigInt(String(field(next, "mixHash"))) > 0n, "it is drawn");
  });
});

Deno.test("the L2 port says why no proof could justify what it refuses", async () => {
  await withDevnet({}, async ({ l2 }) => {
    const refused: readonly [string, readonly unknown[]][] = [
      ["anvil_setBalance", [NOBODY, "0x1"]],
      ["hardhat_addBalance", [NOBODY, "0x1"]],
      ["anvil_setCode", [NOBODY, "0x00"]],
      ["evm_setAccountNonce", [NOBODY, "0x1"]],
      ["anvil_setStorageAt", [NOBODY, "0x1", `0x${"00".repeat(32)}`]],
      ["anvil_setCoinbase", [NOBODY]],
      ["evm_setBlockGasLimit", ["0x1c9c380"]],
      ["anvil_setNextBlockBaseFeePerGas", ["0x1"]],
      ["anvil_setNextBlockPrevRandao", [`0x${"00".repeat(32)}`]],
      ["anvil_impersonateAccount", [NOBODY]],
      ["anvil_autoImpersonateAccount", [true]],
      ["anvil_setChainId", [5]],
      ["anvil_dumpState", []],
      ["anvil_loadState", ["0x1f8b"]],
      ["anvil_reorg", [0, []]],
    ];
    for (const [method, params] of refused) {
      const error = await refusalOf(l2(method, params));
      assertEquals([error.code, field(error.data, "code")], [-32000, "DEV_METHOD_UNSUPPORTED"]);
      assert(String(field(error.data, "mend")).length > 20, `${method} says what to do`);
    }
    assertEquals(await l2("anvil_stopImpersonatingAccount", [NOBODY]), null);
    assertEquals(await l2("anvil_autoImpersonateAccount", [false]), null);
  });
});

for (const layer of ["l1", "l2"] as const) {
  Deno.test(`${layer}: pace and pool follow what is commanded`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      assertEquals(await port("anvil_getAutomine"), true);
      await port("evm_setAutomine", [false]);
      const before = await numberOf(port);
      const first = await send(port, NOBODY);
      await send(port, NOBODY, "0x2", BOB);
      assertEquals(await numberOf(port), before);
      assertEquals(await port("anvil_dropTransaction", [first]), first);
      assertEquals(await port("anvil_dropTransaction", [first]), null);
      assertEquals(await port("anvil_removePoolTransactions", [BOB]), null);
      assertEquals(field(await port("txpool_status"), "pending"), "0x0");
      await send(port, NOBODY, "0x4");
      await port("anvil_setAutomine", [true]);
      assertEquals(await balanceOf(port, NOBODY), 4n);
      await port("evm_setIntervalMining", [3_600]);
      assertEquals(await port("anvil_getIntervalMining"), 3_600);
      assertEquals(await port("hardhat_getAutomine"), false);
      // As anvil: it was not automine, so nothing changes.
      await port("evm_setAutomine", [false]);
      assertEquals(await port("anvil_getIntervalMining"), 3_600);
      await port("anvil_setIntervalMining", [0]);
      assertEquals(await port("anvil_getIntervalMining"), null);
      assertEquals(await port("anvil_getAutomine"), false);
    });
  });

  Deno.test(`${layer}: blocks come on the interval that is set`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      await port("evm_setAutomine", [false]);
      await send(port, NOBODY);
      await port("evm_setIntervalMining", [1]);
      // Settles when the block is there; a devnet without it would wait for ever.
      while (await balanceOf(port, NOBODY) === 0n) await new Promise((go) => setTimeout(go, 50));
      await port("evm_setIntervalMining", [0]);
    });
  });

  Deno.test(`${layer}: timestamps are what is chosen, and grow`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      await port("evm_mine");
      const start = await timeOf(port);
      assertEquals(await port("evm_increaseTime", [100]), 100);
      assertEquals(await port("anvil_increaseTime", ["0x64"]), 200);
      await port("evm_setNextBlockTimestamp", [start + 1_000]);
      await port("evm_mine");
      assertEquals(await timeOf(port), start + 1_000);
      for (const early of [5, start + 1_000]) {
        const error = await refusalOf(port("evm_setNextBlockTimestamp", [early]));
        assertEquals([error.code, error.message], [
          -32602,
          `Timestamp error: ${early} is lower than previous block's timestamp`,
        ]);
      }
      await port("anvil_setBlockTimestampInterval", [10]);
      await port("anvil_mine", [3]);
      assertEquals(await timeOf(port), start + 1_030);
      assertEquals(await port("anvil_removeBlockTimestampInterval"), true);
      assertEquals(await port("anvil_removeBlockTimestampInterval"), false);
      assertEquals(await port("evm_setTime", [(start + 5_000) * 1_000]), 3_970);
      await port("evm_mine");
      assertEquals(await timeOf(port), start + 5_000);
      assertEquals(await port("evm_setTime", [start]), 0);
      await port("evm_mine");
      assertEquals(await timeOf(port), start + 5_001);
    });
  });
}

Deno.test("the L2 port refuses times that its next block cannot have", async () => {
  await withDevnet({ mode: "manual" }, async ({ l2 }) => {
    await l2("evm_mine");
    const start = await timeOf(l2);
    const latest = start + 0xffff_ffff;
    const tooLate: readonly (readonly [string, readonly unknown[]])[] = [
      ["evm_setNextBlockTimestamp", [latest + 1]],
      ["evm_mine", [{ timestamp: latest + 1 }]],
      ["evm_setTime", [latest + 1]],
      ["evm_increaseTime", [0x1_0000_0000]],
      ["anvil_mine", [2, 0x1_0000_0000]],
      ["anvil_setBlockTimestampInterval", [0x1_0000_0000]],
    ];
    for (const [method, params] of tooLate) {
      const error = await refusalOf(l2(method, params));
      assertEquals([error.code, field(error.data, "code")], [-32602, "TIMESTAMP_TOO_LATE"], method);
      assertEquals([await numberOf(l2), await timeOf(l2)], [1, start], method);
    }
    await l2("evm_setNextBlockTimestamp", [latest]);
    await l2("evm_mine");
    assertEquals(await timeOf(l2), latest);
    // From there it goes on.
    await l2("evm_increaseTime", [0xffff_ffff]);
    await l2("evm_mine");
    assertEquals(await timeOf(l2), latest + 0xffff_ffff);
    await l2("varve_sealBatch");
  });
});

Deno.test("the L2 follows a jump of the L1 in several blocks, and says so of the next one", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l2 }) => {
    await l2("evm_mine");
    const start = await timeOf(l2);
    await l1("evm_increaseTime", [10_000_000_000]);
    const seen: number[] = [];
    for (let mined = 0; mined < 3; mined++) {
      const pending = await l2("eth_getBlockByNumber", ["pending", false]);
      await l2("evm_mine");
      assertEquals(Number(field(pending, "timestamp")), await timeOf(l2));
      seen.push(await timeOf(l2) - start);
    }
    assertEquals(seen, [0xffff_ffff, 2 * 0xffff_ffff, 10_000_000_000]);
    await l2("varve_sealBatch");
  });
});

Deno.test("anvil_dealERC20 and anvil_setERC20Allowance find the slots of a token", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1 }) => {
    const token = `0x${"cc".repeat(20)}`;
    // balanceOf reads the mapping at slot 5, everything else the one of mappings at slot 6.
    const dispatch = "5f3560e01c806370a0823114602b57";
    const allowance = "6004355f52600660205260405f206020526024355f5260405f20545f5260205ff3";
    const balance = "5b6004355f52600560205260405f20545f5260205ff3";
    const target = (dispatch.length + allowance.length) / 2;
    const code = `${
      dispatch.replace("602b57", `60${target.toString(16)}57`)
    }${allowance}${balance}`;
    await l1("anvil_setCode", [token, `0x${code}`]);
    const word = (text: string) => text.slice(2).padStart(64, "0");
    const call = async (data: string) =>
      BigInt(String(await l1("eth_call", [{ to: token, data }, "latest"])));
    await l1("anvil_dealERC20", [ALICE, token, "0x1234"]);
    assertEquals(await call(`0x70a08231${word(ALICE)}`), 0x1234n);
    await l1("anvil_setERC20Allowance", [ALICE, BOB, token, "0x77"]);
    assertEquals(await call(`0xdd62ed3e${word(ALICE)}${word(BOB)}`), 0x77n);
    const error = await refusalOf(l1("anvil_dealERC20", [ALICE, NOBODY, "0x1"]));
    assertEquals(error.code, -32602);
  });
});

Deno.test("numbers are taken as people write them, however large, and as cast sends them", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1, l1Url }) => {
    const written = ["1000000000000000000000", "123456789012345678901", '"1000"', '"0x0010"'];
    for (const [index, text] of written.entries()) {
      const wei = BigInt(JSON.parse(text.startsWith('"') ? text : `"${text}"`));
      const body =
        `{"jsonrpc":"2.0","id":1,"method":"anvil_setBalance","params":["${NOBODY}",${text}]}`;
      const headers = { "content-type": "application/json" };
      const response = await fetch(l1Url, { method: "POST", headers, body });
      assertEquals(field(await response.json(), "result"), null, text);
      assertEquals(await balanceOf(l1, NOBODY), wei, `${index}: ${text}`);
    }
    await l1("anvil_setStorageAt", [NOBODY, 3, `0x${"07".repeat(32)}`]);
    assertEquals(await l1("eth_getStorageAt", [NOBODY, "0x3", "latest"]), `0x${"07".repeat(32)}`);
    assertEquals(await l1("evm_increaseTime", ["60"]), 60);
  });
});

Deno.test("anvil_reorg leaves a chain whose hashes code reads right, and each block once", async () => {
  await withDevnet({ mode: "manual" }, async ({ l1 }) => {
    // Answers with the hash of the block whose number it is given.
    await l1("anvil_setCode", [NOBODY, "0x5f35405f5260205ff3"]);
    await l1("anvil_mine", [6]);
    const before = await numberOf(l1);
    const hashesOf = async () => {
      const blocks = await Promise.all(
        Array.from(
          { length: before + 1 },
          (_, number) => l1("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]),
        ),
      );
      return blocks.map((block) => [field(block, "hash"), field(block, "parentHash")]);
    };
    const old = await hashesOf();
    await l1("anvil_reorg", [4, []]);
    assertEquals(await numberOf(l1), before);
    const hashes = await hashesOf();
    for (const [number, [hash, parentHash]] of hashes.entries()) {
      if (number > 0) assertEquals(parentHash, hashes[number - 1]?.[0]);
      assertEquals(hash === old[number]?.[0], number <= before - 4);
      const isDropped = hash !== old[number]?.[0];
      if (isDropped) assertEquals(await l1("eth_getBlockByHash", [old[number]?.[0], false]), null);
      if (number === before) continue;
      const data = `0x${number.toString(16).padStart(64, "0")}`;
      assertEquals(await l1("eth_call", [{ to: NOBODY, data }, "latest"]), hash);
    }
    const deep = await refusalOf(l1("anvil_rollback", [1_000]));
    assertEquals([deep.code, deep.message], [
      -32602,
      `Rollback depth must not exceed current chain height: current height ${before}, depth 1000`,
    ]);
  });
});

for (const layer of ["l1", "l2"] as const) {
  Deno.test(`${layer}: automine takes what waited for a nonce, too`, async () => {
    await withDevnet({}, async (open) => {
      const port = open[layer];
      const sendAs = (nonce: string) =>
        port("eth_sendTransaction", [{ from: ALICE, to: NOBODY, value: "0x1", nonce }]);
      const later = [await sendAs("0x2"), await sendAs("0x1")];
      assertEquals(await port("eth_getTransactionReceipt", [later[0]]), null);
      assertEquals(await port("eth_getTransactionCount", [ALICE, "pending"]), "0x0");
      await sendAs("0x0");
      assertEquals(await balanceOf(port, NOBODY), 3n);
      assertEquals(await port("eth_getTransactionCount", [ALICE, "latest"]), "0x3");
    });
  });

  Deno.test(`${layer}: blocks of one second have growing timestamps on a clock of the day`, async () => {
    await withDevnet({ mode: "manual", clock: "real" }, async (open) => {
      const port = open[layer];
      const id = await port("evm_snapshot");
      for (const offsetSec of [0, 86_400]) {
        await port("evm_increaseTime", [offsetSec]);
        await port("anvil_mine", [5]);
        const last = await numberOf(port);
        const times = await Promise.all([0, 1, 2, 3, 4].map(async (back) => {
          const number = `0x${(last - back).toString(16)}`;
          return Number(field(await port("eth_getBlockByNumber", [number, false]), "timestamp"));
        }));
        assertEquals(new Set(times).size, 5);
        assertEquals(times.toSorted((left, right) => right - left), times);
        assert((times[0] ?? 0) >= Math.floor(Date.now() / 1_000) + offsetSec - 60, "of today");
      }
      await port("evm_revert", [id]);
      await port("evm_mine");
      assert(await timeOf(port) < Date.now() / 1_000 + 3_600, "the day that was jumped is back");
    });
  });
}
