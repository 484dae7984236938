/** What a test may command beside reorganisations: time, mining, the pool, fees, balances. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { type Address, address, type Hash32 } from "../../../core/primitives/hex.ts";
import { createVirtualClock, silentLog } from "../../../core/primitives/ports.ts";
import { devnetKeys } from "../../../devnet/accounts.ts";
import { createRealClock } from "../../../devnet/clock.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { createBlockFeed, createL2Chain } from "../../../devnet/l2_chain.ts";
import type { ChainBackend } from "../../../devnet/rpc/chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { importChain, requireBlock } from "./ethereumjs_oracle.ts";
import { openWorld } from "../../simulation/world.ts";
import {
  CHAIN_ID,
  devAccount,
  GENESIS_SEC,
  openL1,
  requireReceipt,
  signedBy,
  withL1,
} from "./testing.ts";

const ALICE = devAccount(0);
const BOB = devAccount(1);
const NOBODY = address(`0x${"99".repeat(20)}`);

async function latestHeader(l1: EmbeddedL1) {
  return (await requireBlock(l1, await l1.numberOf("latest"))).header;
}

Deno.test("setNextBlockTimestamp() gives one block its time, and time goes on from there", async () => {
  const clock = createVirtualClock(GENESIS_SEC);
  await withL1({ clock, mining: "manual" }, async (l1) => {
    await l1.setNextBlockTimestamp(GENESIS_SEC + 1_000n);
    assertEquals(clock.nowSec(), GENESIS_SEC);
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 1_000n);
    assertEquals(clock.nowSec(), GENESIS_SEC + 1_000n);
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 1_001n);
    // Before the clock, but after the latest block: also exact, and no way back for the clock.
    l1.increaseTime(500n);
    await l1.setNextBlockTimestamp(GENESIS_SEC + 1_002n);
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 1_002n);
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 1_501n);
    assertEquals(await importChain(l1), 4n);
  });
});

Deno.test("setNextBlockTimestamp() refuses the latest block's time or an earlier one", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    await l1.mine();
    const { timestampSec } = await latestHeader(l1);
    for (const wrong of [timestampSec, timestampSec - 1n, 0n]) {
      const error = await assertRejects(() => l1.setNextBlockTimestamp(wrong), RollupError);
      assertEquals(error.code, "TIMESTAMP_TOO_EARLY");
    }
    await l1.setNextBlockTimestamp(timestampSec + 1n);
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, timestampSec + 1n);
  });
});

Deno.test("setNextBlockTimestamp() moves a real clock, which then ticks on", async () => {
  let nowMs = Number(GENESIS_SEC) * 1_000;
  const clock = createRealClock(() => nowMs);
  await withL1({ clock, mining: "manual" }, async (l1) => {
    await l1.setNextBlockTimestamp(GENESIS_SEC + 3_600n);
    nowMs += 5_000;
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 3_600n);
    nowMs += 7_000;
    await l1.mine();
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 3_607n);
  });
});

Deno.test("increaseTime() moves the clock that others share, and answers the sum", async () => {
  const clock = createVirtualClock(GENESIS_SEC);
  await withL1({ clock }, async (l1) => {
    assertEquals(l1.increaseTime(100n), 100n);
    assertEquals(l1.increaseTime(0n), 100n);
    assertEquals(l1.increaseTime(50n), 150n);
    assertEquals(clock.nowSec(), GENESIS_SEC + 150n);
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 150n);
  });
});

Deno.test("openEmbeddedL1() knows of a jump what its blocks have reached", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv);
    l1.increaseTime(1_000n);
    await l1.mine();
    l1.increaseTime(1_000n);
    await l1.setNextBlockTimestamp(GENESIS_SEC + 9_000n);
    await l1.wish({ baseFeePerGasWei: 5n });
  }
  const clock = createVirtualClock(GENESIS_SEC);
  await using l1 = await openL1(kv, { clock });
  assertEquals(clock.nowSec(), GENESIS_SEC + 1_000n);
  await l1.mine();
  assertEquals((await latestHeader(l1)).timestampSec, GENESIS_SEC + 1_001n);
  assertEquals(await importChain(l1), 2n);
});

Deno.test("setNextBaseFeePerGasWei() holds for one block, and EIP-1559 goes on from it", async () => {
  await withL1({}, async (l1) => {
    const spikeWei = 500n * 10n ** 9n;
    await l1.wish({ baseFeePerGasWei: spikeWei });
    assertEquals(await l1.nextBaseFeePerGasWei(), spikeWei);
    const raw = signedBy(ALICE, { nonce: 0n });
    const error = await assertRejects(() => l1.sendRawTransaction(raw), RollupError);
    assertEquals(error.code, "POOL_FEE_TOO_LOW");
    await l1.mine();
    assertEquals((await latestHeader(l1)).baseFeePerGasWei, spikeWei);
    assertEquals(await l1.nextBaseFeePerGasWei(), spikeWei * 7n / 8n);
    await l1.wish({ baseFeePerGasWei: 1n });
    const hash = await l1.sendRawTransaction(raw);
    const receipt = await requireReceipt(l1, hash);
    assertEquals(receipt.receipt.effectiveGasPriceWei, 1_000_000_001n);
  });
});

Deno.test("setNextBaseFeePerGasWei() lets what waits wait until the fee has come down", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    const hash = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    await l1.wish({ baseFeePerGasWei: 12n * 10n ** 9n });
    await l1.mine();
    assertEquals((await l1.pendingTransactions()).map((waiting) => waiting.hash), [hash]);
    await l1.mine();
    assertEquals(await l1.receipt(hash), undefined);
    await l1.mine();
    assertEquals((await requireReceipt(l1, hash)).transaction.position?.blockNumber, 3n);
  });
});

Deno.test("setAutomine() stops mining, and mines what waited when it begins again", async () => {
  await withL1({}, async (l1) => {
    await l1.setAutomine(false);
    assertEquals(l1.mining(), "manual");
    for (const nonce of [0n, 1n, 3n]) await l1.sendRawTransaction(signedBy(ALICE, { nonce }));
    assertEquals(await l1.numberOf("latest"), 0n);
    await l1.setAutomine(true);
    assertEquals(await l1.numberOf("latest"), 1n);
    assertEquals((await l1.pendingTransactions()).map(({ tx }) => tx.nonce), [3n]);
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 2n }));
    assertEquals(await l1.pendingTransactions(), []);
  });
});

Deno.test("dropTransaction() takes a waiting transaction out, also for the next process", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    const mined = await l1.sendRawTransaction(signedBy(devAccount(1), { nonce: 0n }));
    await l1.mine();
    const first = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n }));
    assertEquals(await l1.dropTransaction(first), true);
    assertEquals(await l1.dropTransaction(first), false);
    assertEquals(await l1.dropTransaction(mined), false);
    assertEquals(await l1.transaction(first), undefined);
    assertEquals((await l1.transaction(mined))?.position?.blockNumber, 1n);
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  assertEquals((await l1.pendingTransactions()).map(({ tx }) => tx.nonce), [1n]);
  await l1.mine();
  assertEquals((await requireBlock(l1, 2n)).transactions, []);
});

Deno.test("sendUnsigned() sends for whom it is told, contracts too, across a restart", async () => {
  using kv = await Deno.openKv(":memory:");
  const fields = {
    type: 2,
    chainId: CHAIN_ID,
    nonce: 0n,
    maxFeePerGasWei: 10n ** 10n,
    maxPriorityFeePerGasWei: 0n,
    gasLimit: 50_000n,
    to: ALICE.address,
    valueWei: 1n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
  } as const;
  let hash: Hash32;
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    await l1.decree(new Map([[NOBODY, { balanceWei: 10n ** 18n, code: Uint8Array.of(0) }]]));
    hash = await l1.sendUnsigned(fields, NOBODY);
    assertEquals((await l1.transaction(hash))?.sender, NOBODY);
    assertNotEquals(await l1.sendUnsigned(fields, BOB.address), hash);
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  await l1.mine();
  const receipt = await l1.receipt(hash);
  assertEquals([receipt?.receipt.success, receipt?.transaction.sender], [true, NOBODY]);
  assertEquals(await l1.nonce(NOBODY, 1n), 1n);
  assertEquals((await requireBlock(l1, 1n)).transactions.length, 2);
});

Deno.test("the chain goes back to a mark: blocks, decrees, pool and wishes", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    await l1.mine();
    await setBalance(l1, NOBODY, 5n);
    const waiting = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 0n }));
    await l1.wish({ coinbase: NOBODY });
    const mark = await l1.mark();
    const dropped: bigint[] = [];
    l1.onReorg((blocks) => dropped.push(...blocks.map(({ block }) => block.header.number)));
    await l1.mine();
    await l1.wish({ coinbase: ALICE.address });
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n }));
    await l1.mine();
    assertEquals(await l1.hasMark(mark), true);
    await l1.returnTo(mark);
    assertEquals(dropped, [3n, 2n]);
    assertEquals([await l1.numberOf("latest"), await l1.balance(NOBODY, 1n)], [1n, 5n]);
    assertEquals((await l1.pendingTransactions()).map((entry) => entry.hash), [waiting]);
    await l1.mine();
    const block = await requireBlock(l1, 2n);
    assertEquals(block.header.miner, NOBODY);
    assertEquals(block.transactions.map((entry) => entry.hash), [waiting]);
    await l1.rollback(2n);
    assertEquals(await l1.hasMark(mark), false);
  });
});

Deno.test("the methods of anvil command the embedded L1 over JSON-RPC", async () => {
  await withL1({}, async (l1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    assertEquals(await request("evm_increaseTime", [100]), 100);
    assertEquals(await request("evm_increaseTime", ["0x64"]), 200);
    const start = await latestHeader(l1);
    const later = Number(start.timestampSec) + 5_000;
    assertEquals(await request("evm_setNextBlockTimestamp", [later]), null);
    assertEquals(await request("evm_mine"), "0x0");
    assertEquals((await latestHeader(l1)).timestampSec, BigInt(later));
    assertEquals(await request("evm_mine", [later + 10]), "0x0");
    assertEquals((await latestHeader(l1)).timestampSec, BigInt(later + 10));
    assertEquals(await request("anvil_mine", ["0x3", 10]), null);
    assertEquals((await latestHeader(l1)).timestampSec, BigInt(later + 40));
    assertEquals(await request("anvil_setNextBlockBaseFeePerGas", ["0x77359400"]), null);
    const history = await request("eth_feeHistory", ["0x1", "latest", []]);
    assert(typeof history === "object" && history !== null, "the answer is an object");
    assertEquals(Reflect.get(Reflect.get(history, "baseFeePerGas"), 1), "0x77359400");
    await request("evm_mine");
    assertEquals((await latestHeader(l1)).baseFeePerGasWei, 2_000_000_000n);
    assertEquals(await request("anvil_setBalance", [NOBODY, "0x64"]), null);
    assertEquals(await request("eth_getBalance", [NOBODY, "latest"]), "0x64");
    assertEquals(await request("evm_setAutomine", [false]), null);
    const hash = await request("eth_sendTransaction", [{ from: ALICE.address, to: NOBODY }]);
    assertEquals(await request("anvil_dropTransaction", [hash]), hash);
    assertEquals(await request("anvil_dropTransaction", [hash]), null);
    const stale = await assertRejects(() => request("evm_setNextBlockTimestamp", [later]));
    assertEquals(Reflect.get(stale instanceof Error ? stale : {}, "code"), -32602);
  });
});

Deno.test("the two layers share one clock: a jump on either moves both", async () => {
  await using world = await openWorld();
  const [engine, l1] = [await world.engine(), await world.l1()];
  const l2 = createL2Chain(engine, createBlockFeed(), devnetKeys());
  const onL1 = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
  const onL2 = createDispatcher(createRpcMethods({ chain: l2, engine, log: silentLog }));
  const latestSec = async (chain: ChainBackend) => {
    await chain.mine();
    return (await chain.header(await chain.numberOf("latest")))?.timestampSec ?? 0n;
  };
  const startSec = await latestSec(l1);
  assertEquals(await onL1.request("evm_increaseTime", [1_000]), 1_000);
  assertEquals(await latestSec(l2), startSec + 1_000n);
  assertEquals(await onL2.request("evm_increaseTime", [500]), 1_500);
  assertEquals(await latestSec(l1), startSec + 1_500n);
  // Who chooses a time wants both layers to go on from there.
  const chosenSec = startSec + 10_000n;
  assertEquals(await onL2.request("evm_setNextBlockTimestamp", [Number(chosenSec)]), null);
  assertEquals(await latestSec(l2), chosenSec);
  assertEquals(await latestSec(l1), chosenSec);
  await onL1.request("evm_setNextBlockTimestamp", [Number(chosenSec) + 50]);
  assertEquals(await latestSec(l1), chosenSec + 50n);
  assertEquals(await latestSec(l2), chosenSec + 50n);
  for (const early of [chosenSec, chosenSec + 50n]) {
    const error = await assertRejects(() => l2.setNextBlockTimestamp(early), RollupError);
    assertEquals(error.code, "TIMESTAMP_TOO_EARLY");
  }
  await l2.setNextBlockTimestamp(chosenSec + 51n);
  assertEquals(await latestSec(l2), chosenSec + 51n);
});

function setBalance(l1: EmbeddedL1, account: Address, balanceWei: bigint): Promise<void> {
  return l1.decree(new Map([[account, { balanceWei }]]));
}
