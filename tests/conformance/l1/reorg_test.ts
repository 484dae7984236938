/** An L1 that goes back: the new blocks are true blocks, and what was dropped is gone. */
import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { bigintToHash32, type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { transactionHash } from "../../../core/types/tx.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { HISTORY_ADDRESS } from "../../../devnet/l1/system_contracts.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { CrashError, createCrashingKv } from "./crashing_kv.ts";
import { importChain, requireBlock } from "./ethereumjs_oracle.ts";
import {
  callOf,
  devAccount,
  initCodeOf,
  openL1,
  requireReceipt,
  signedBy,
  withL1,
} from "./testing.ts";

const [ALICE, BOB] = [devAccount(0), devAccount(1)];

/** Hashes of all blocks, from genesis on. */
async function hashesOf(l1: EmbeddedL1): Promise<readonly Hash32[]> {
  const hashes: Hash32[] = [];
  const latest = await l1.numberOf("latest");
  for (let number = 0n; number <= latest; number++) {
    hashes.push((await requireBlock(l1, number)).header.hash);
  }
  return hashes;
}

/** One block for each transfer of Alice; the answer are their signed bytes. */
async function transferOften(l1: EmbeddedL1, count: number): Promise<readonly Uint8Array[]> {
  const raws = Array.from(
    { length: count },
    (_, nonce) => signedBy(ALICE, { nonce: BigInt(nonce) }),
  );
  for (const raw of raws) await l1.sendRawTransaction(raw);
  return raws;
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  return (await assertRejects(action, RollupError)).code;
}

Deno.test("reorg() replaces empty blocks by others that an independent node accepts", async () => {
  await withL1({ mining: "manual" }, async (l1) => {
    for (let mined = 0; mined < 5; mined++) await l1.mine();
    const seen = new Set(await hashesOf(l1));
    for (const depth of [1n, 1n, 3n, 5n, 2n]) {
      const answer = await l1.reorg(depth);
      assertEquals(answer, { commonNumber: 5n - depth, lost: [], refused: [] });
      assertEquals(await l1.numberOf("latest"), 5n);
      const fresh = (await hashesOf(l1)).slice(-Number(depth));
      for (const hash of fresh) assertEquals(seen.has(hash), false, "no hash comes twice");
      for (const hash of fresh) seen.add(hash);
      // The oracle asserts hashes, roots, base fees and that time goes on.
      assertEquals(await importChain(l1), 5n);
    }
  });
});

Deno.test("reorg() forgets the transactions of dropped blocks and gives back their effects", async () => {
  await withL1({}, async (l1) => {
    const raws = await transferOften(l1, 4);
    const before = await hashesOf(l1);
    const gone = raws.slice(2).map(transactionHash);
    const { commonNumber, lost, refused } = await l1.reorg(2n);
    assertEquals([commonNumber, lost.toSorted(), refused], [2n, gone.toSorted(), []]);
    assertEquals((await hashesOf(l1)).slice(0, 3), before.slice(0, 3));
    for (const hash of before.slice(3)) assertEquals(await l1.numberOfHash(hash), undefined);
    for (const hash of gone) {
      assertEquals(await l1.transaction(hash), undefined);
      assertEquals(await l1.receipt(hash), undefined);
    }
    assertEquals(await l1.pendingTransactions(), []);
    assertEquals(await l1.nonce(ALICE.address, 4n), 2n);
    assertEquals(await l1.balance(BOB.address, 4n), 10_000n * 10n ** 18n + 2n);
    // Who still has the bytes may send them again.
    const [third] = raws.slice(2);
    assert(third !== undefined, "there was a third");
    await l1.sendRawTransaction(third);
    assertEquals((await requireReceipt(l1, transactionHash(third))).transaction.position, {
      blockHash: (await requireBlock(l1, 5n)).header.hash,
      blockNumber: 5n,
      index: 0,
      timestampSec: (await requireBlock(l1, 5n)).header.timestampSec,
      baseFeePerGasWei: (await requireBlock(l1, 5n)).header.baseFeePerGasWei,
    });
    assertEquals(await importChain(l1), 5n);
  });
});

Deno.test("reorg() puts given transactions into their blocks and tells which were invalid", async () => {
  await withL1({}, async (l1) => {
    const raws = await transferOften(l1, 3);
    const [, second, third] = raws;
    assert(second !== undefined && third !== undefined, "three were sent");
    const other = signedBy(BOB, { nonce: 0n, valueWei: 9n });
    const early = signedBy(devAccount(2), { nonce: 5n });
    const poor = signedBy(devAccount(3), { nonce: 0n, valueWei: 10n ** 23n });
    const answer = await l1.reorg(2n, [
      { raw: third, blockIndex: 1 },
      { raw: early, blockIndex: 0 },
      { raw: other, blockIndex: 0 },
      { raw: second, blockIndex: 0 },
      { raw: second, blockIndex: 1 },
      { raw: poor, blockIndex: 1 },
    ]);
    assertEquals(answer.lost, []);
    assertEquals(
      answer.refused.map(({ hash }) => hash),
      [early, second, poor].map(transactionHash),
    );
    const blocks = await Promise.all([2n, 3n].map((number) => requireBlock(l1, number)));
    assertEquals(
      blocks.map(({ transactions }) => transactions.map(({ hash }) => hash)),
      [[other, second], [third]].map((group) => group.map(transactionHash)),
    );
    assertEquals(await importChain(l1), 3n);
  });
});

Deno.test("reorg() refuses what cannot be and leaves the chain as it was", async () => {
  await withL1({}, async (l1) => {
    const [raw] = await transferOften(l1, 2);
    assert(raw !== undefined, "two were sent");
    const before = await hashesOf(l1);
    const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
      ["L1_REORG_DEPTH", () => l1.reorg(0n)],
      ["L1_REORG_DEPTH", () => l1.reorg(3n)],
      ["L1_REORG_DEPTH", () => l1.reorg(-1n)],
      ["L1_REORG_DEPTH", () => l1.rollback(3n)],
      ["L1_REORG_DEPTH", () => l1.rollback(-1n)],
      ["L1_REORG_BLOCK_INDEX", () => l1.reorg(1n, [{ raw, blockIndex: 1 }])],
      ["L1_REORG_BLOCK_INDEX", () => l1.reorg(1n, [{ raw, blockIndex: -1 }])],
      ["TX_MALFORMED", () => l1.reorg(2n, [{ raw: Uint8Array.of(2, 0xc0), blockIndex: 0 }])],
      [
        "POOL_CHAIN_ID_MISMATCH",
        () => l1.reorg(2n, [{ raw: signedBy(ALICE, { nonce: 0n, chainId: 5n }), blockIndex: 0 }]),
      ],
      [
        "L1_REORG_BLOCK_FULL",
        () => l1.reorg(1n, Array.from({ length: 301 }, () => ({ raw, blockIndex: 0 }))),
      ],
    ];
    for (const [code, action] of cases) {
      assertEquals(await codeOf(action), code);
      assertEquals(await hashesOf(l1), before);
    }
    assertEquals((await l1.rollback(0n)).lost, []);
    assertEquals(await hashesOf(l1), before);
  });
});

Deno.test("rollback() goes down to genesis, and the next blocks are others", async () => {
  using kv = await Deno.openKv(":memory:");
  let before: readonly Hash32[];
  {
    await using l1 = await openL1(kv);
    for (let mined = 0; mined < 3; mined++) await l1.mine();
    before = await hashesOf(l1);
    assertEquals((await l1.rollback(3n)).commonNumber, 0n);
    assertEquals(await hashesOf(l1), before.slice(0, 1));
    assertEquals(await l1.header(1n), undefined);
  }
  // Also a process that knows nothing of them does not make the dropped ones again.
  await using l1 = await openL1(kv);
  for (let mined = 0; mined < 3; mined++) await l1.mine();
  const after = await hashesOf(l1);
  assertEquals(after[0], before[0]);
  for (const number of [1, 2, 3]) assertNotEquals(after[number], before[number]);
  assertEquals(await importChain(l1), 3n);
});

Deno.test("rollback() leaves a gap before what waits, and its nonce may be used again", async () => {
  await withL1({}, async (l1) => {
    await transferOften(l1, 2);
    const parked = await l1.sendRawTransaction(signedBy(ALICE, { nonce: 3n }));
    await l1.rollback(1n);
    assertEquals((await l1.pendingTransactions()).map(({ hash }) => hash), [parked]);
    assertEquals(await l1.pendingNonce(ALICE.address), 1n);
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 1n, valueWei: 2n }));
    await l1.sendRawTransaction(signedBy(ALICE, { nonce: 2n, valueWei: 2n }));
    assertEquals(await l1.nonce(ALICE.address, await l1.numberOf("latest")), 4n);
    assertEquals(await l1.pendingTransactions(), []);
    assertEquals(await importChain(l1), 3n);
  });
});

Deno.test("reorg() takes out of the pool what a new block uses or makes stale", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    await l1.mine();
    const same = signedBy(ALICE, { nonce: 0n });
    await l1.sendRawTransaction(same);
    const stale = await l1.sendRawTransaction(signedBy(BOB, { nonce: 0n }));
    const later = await l1.sendRawTransaction(signedBy(BOB, { nonce: 1n }));
    const instead = signedBy(BOB, { nonce: 0n, valueWei: 7n });
    await l1.reorg(1n, [{ raw: same, blockIndex: 0 }, { raw: instead, blockIndex: 0 }]);
    assertEquals((await l1.pendingTransactions()).map(({ hash }) => hash), [later]);
    assertEquals(await l1.transaction(stale), undefined);
    assertEquals((await l1.transaction(transactionHash(same)))?.position?.blockNumber, 1n);
  }
  // The rows say the same.
  await using l1 = await openL1(kv, { mining: "manual" });
  assertEquals((await l1.pendingTransactions()).map(({ tx }) => tx.nonce), [1n]);
  await l1.mine();
  assertEquals(await l1.pendingTransactions(), []);
  assertEquals(await importChain(l1), 2n);
});

Deno.test("reorg() gives BLOCKHASH and EIP-2935 the new hashes", async () => {
  await withL1({}, async (l1) => {
    for (let mined = 0; mined < 3; mined++) await l1.mine();
    const old = await hashesOf(l1);
    await l1.reorg(2n);
    const hashes = await hashesOf(l1);
    await l1.mine();
    for (const number of [1, 2, 3]) {
      // PUSH1 number, BLOCKHASH, then return it.
      const code = Uint8Array.of(0x60, number, ...hexToBytes("0x405f5260205ff3"));
      const outcome = await l1.call(callOf({ data: code }), 4n);
      assertEquals(`0x${outcome.returnData.toHex()}`, hashes[number]);
      const slot = bigintToHash32(BigInt(number));
      const stored = await l1.call(callOf({ to: HISTORY_ADDRESS, data: hexToBytes(slot) }), 4n);
      assertEquals(`0x${stored.returnData.toHex()}`, hashes[number]);
    }
    assertEquals(hashes[1], old[1]);
    assertNotEquals(hashes[2], old[2]);
  });
});

Deno.test("reorg() gives the same blocks when it is repeated from the start", async () => {
  const run = async () => {
    using kv = await Deno.openKv(":memory:");
    await using l1 = await openL1(kv);
    const raws = await transferOften(l1, 3);
    await l1.reorg(2n, raws.slice(1, 2).map((raw) => ({ raw, blockIndex: 1 })));
    await l1.reorg(3n);
    await l1.mine();
    return await hashesOf(l1);
  };
  assertEquals(await run(), await run());
});

Deno.test("reorg() leaves a valid chain wherever the process dies", async () => {
  const run = async (commits: number) => {
    using kv = await Deno.openKv(":memory:");
    const crashing = createCrashingKv(kv);
    let used: number;
    let before: readonly Hash32[];
    {
      await using l1 = await openL1(crashing.kv);
      const raws = await transferOften(l1, 4);
      before = await hashesOf(l1);
      const start = crashing.commitCount();
      crashing.crashAfter(commits);
      const transactions = raws.slice(2).map((raw, blockIndex) => ({ raw, blockIndex }));
      if (commits === Number.POSITIVE_INFINITY) await l1.reorg(3n, transactions);
      else await assertRejects(() => l1.reorg(3n, transactions), CrashError);
      used = crashing.commitCount() - start;
    }
    await using l1 = await openL1(kv);
    const reopened = await hashesOf(l1);
    // A dropped transaction is nowhere, or in a block of this chain.
    for (const hash of before) {
      const number = await l1.numberOfHash(hash);
      assertEquals(number === undefined || reopened[Number(number)] === hash, true);
    }
    const position = (await l1.transaction(transactionHash(signedBy(ALICE, { nonce: 3n }))))
      ?.position;
    if (position !== undefined) assertEquals(reopened.includes(position.blockHash), true);
    await l1.mine();
    assertEquals(await importChain(l1), BigInt(reopened.length));
    return { used, reopened, before };
  };
  const clean = await run(Number.POSITIVE_INFINITY);
  assertEquals(clean.reopened.length, 5);
  assertEquals(clean.used, 6);
  const lengths: number[] = [];
  for (let commits = 0; commits < clean.used; commits++) {
    const { reopened, before } = await run(commits);
    lengths.push(reopened.length);
    // On the way down the chain is the old one, on the way up the new one.
    const whole = commits <= 3 ? before : clean.reopened;
    assertEquals(reopened, whole.slice(0, reopened.length));
  }
  assertEquals(lengths, [5, 4, 3, 2, 3, 4]);
});

Deno.test("rollback() that fails leaves the open chain at the block that it had reached", async () => {
  using kv = await Deno.openKv(":memory:");
  const crashing = createCrashingKv(kv);
  await using l1 = await openL1(crashing.kv);
  const raws = await transferOften(l1, 3);
  const before = await hashesOf(l1);
  crashing.crashAfter(1);
  await assertRejects(() => l1.rollback(3n), CrashError);
  assertEquals(await hashesOf(l1), before.slice(0, 3));
  const second = transactionHash(raws[1] ?? new Uint8Array(0));
  assertEquals((await requireReceipt(l1, second)).transaction.position?.blockNumber, 2n);
  crashing.crashAfter(Number.POSITIVE_INFINITY);
  await l1.sendRawTransaction(signedBy(ALICE, { nonce: 2n, valueWei: 3n }));
  assertEquals(await importChain(l1), 3n);
});

for (const when of ["before", "after"] as const) {
  Deno.test(`reorg() shows a reader that was slow ${when} its row was read one fork or the other`, async () => {
    using kv = await Deno.openKv(":memory:");
    const raws = await (async () => {
      await using l1 = await openL1(kv);
      return await transferOften(l1, 3);
    })();
    const [last] = raws.toReversed();
    assert(last !== undefined, "three were sent");
    const hash = transactionHash(last);
    const other = signedBy(BOB, { nonce: 0n });
    const asks: Readonly<Record<string, (l1: EmbeddedL1) => Promise<unknown>>> = {
      l1chain_tx_positions: (l1) => l1.transaction(hash),
      l1chain_blocks: (l1) => l1.receipt(hash),
    };
    // After a mere rollback the row is not there any more; after a reorganisation another one is.
    const turns = Object.entries(asks).flatMap((each) =>
      [[...each, true], [...each, false]] as const
    );
    for (const [table, ask, isReplaced] of turns) {
      // A chain that was just opened has nothing in its caches but its head's header.
      using copy = await copyOf(kv);
      const gate = createGatedKv(copy, { table, when });
      await using l1 = await openL1(gate.kv);
      gate.close();
      const asked = ask(l1);
      await gate.reached;
      await l1.rollback(1n);
      if (isReplaced) await l1.sendRawTransaction(other);
      gate.open();
      assertEquals(await asked, undefined, table);
      if (!isReplaced) await l1.sendRawTransaction(other);
      // Nothing of the dropped block was kept for later.
      assertEquals((await l1.block(3n))?.transactions[0]?.hash, transactionHash(other));
      assertEquals((await l1.receipts(3n))[0]?.transaction.hash, transactionHash(other));
      assertEquals(await importChain(l1), 3n);
    }
  });
}

async function copyOf(kv: Deno.Kv): Promise<Deno.Kv> {
  const copy = await Deno.openKv(":memory:");
  for await (const { key, value } of kv.list({ prefix: [] })) await copy.set(key, value);
  return copy;
}

/** A KV whose next read of one table, once it is closed, waits until it is opened again. */
function createGatedKv(
  inner: Deno.Kv,
  { table, when }: { readonly table: string; readonly when: "before" | "after" },
) {
  const opened = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  let closed = false;
  const get = async (key: Deno.KvKey) => {
    if (!closed || key[0] !== table) return await inner.get(key);
    closed = false;
    const early = when === "after" ? await inner.get(key) : undefined;
    reached.resolve();
    await opened.promise;
    return early ?? await inner.get(key);
  };
  const kv = {
    get,
    list: (selector: Deno.KvListSelector, options?: Deno.KvListOptions) =>
      inner.list(selector, options),
    atomic: () => inner.atomic(),
  };
  return {
    // The class is native and cannot be extended; the three methods are all that the chain calls.
    kv: kv as unknown as Deno.Kv,
    close: () => {
      closed = true;
    },
    open: () => opened.resolve(),
    reached: reached.promise,
  };
}

Deno.test("reorg() tells listeners and filters of the new blocks and of their logs", async () => {
  await withL1({}, async (l1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    // LOG0 of nothing.
    const emitter = signedBy(ALICE, {
      nonce: 0n,
      to: undefined,
      data: initCodeOf(hexToBytes("0x5f5fa000")),
      gasLimit: 200_000n,
    });
    const deployed = await requireReceipt(l1, await l1.sendRawTransaction(emitter));
    const to = deployed.receipt.contractAddress;
    assert(to !== undefined, "it made a contract");
    const emit = signedBy(ALICE, { nonce: 1n, to, valueWei: 0n, gasLimit: 100_000n });
    await l1.sendRawTransaction(emit);
    const blocks = await request("eth_newBlockFilter");
    const logs = await request("eth_newFilter", [{ address: to }]);
    const told: Hash32[] = [];
    const stop = l1.onBlock((block) => told.push(block.header.hash));
    const [, , dropped] = await hashesOf(l1);
    await l1.reorg(1n, [{ raw: emit, blockIndex: 0 }]);
    const [, , second] = await hashesOf(l1);
    assert(second !== undefined, "there are two blocks");
    assertEquals(told, [second]);
    assertEquals(await request("eth_getFilterChanges", [blocks]), [second]);
    const changes = await request("eth_getFilterChanges", [logs]);
    assert(Array.isArray(changes), "changes are a list");
    // A log of a dropped block is told once more, as removed; its filter was made after it was new.
    assertEquals(changes.map((log) => [log.blockHash, log.removed]), [
      [dropped, true],
      [second, false],
    ]);
    await l1.rollback(1n);
    assertEquals(await request("eth_getFilterChanges", [blocks]), []);
    assertEquals(await request("eth_getLogs", [{ fromBlock: "0x0" }]), []);
    stop();
  });
});

Deno.test("anvil_reorg and anvil_rollback command the embedded L1 over JSON-RPC", async () => {
  await withL1({}, async (l1) => {
    const { request } = createDispatcher(createRpcMethods({ chain: l1, log: silentLog }));
    const raws = await transferOften(l1, 3);
    const [first] = raws;
    assert(first !== undefined, "three were sent");
    const pairs = [
      [{ to: BOB.address, value: "0x5" }, 2],
      [`0x${first.toHex()}`, 0],
      [{ from: BOB.address, to: ALICE.address, value: "0x6" }, 1],
    ];
    assertEquals(await request("anvil_reorg", [3, pairs]), null);
    const made = await Promise.all([1n, 2n, 3n].map((number) => requireBlock(l1, number)));
    assertEquals(
      made.map(({ transactions }) => transactions.map(({ tx }) => [tx.nonce, tx.valueWei])),
      // The object of Alice takes her nonce at the fork, which the raw bytes have used by then.
      [[[0n, 1n]], [[0n, 6n]], []],
    );
    assertEquals(await request("anvil_rollback"), null);
    assertEquals(await request("anvil_rollback", [null]), null);
    assertEquals(await request("anvil_rollback", [0]), null);
    assertEquals(await l1.numberOf("latest"), 1n);
    assertEquals(await importChain(l1), 1n);
  });
});

Deno.test("firstMark() is kept from going back, and is a new one where an earlier process lost it", async () => {
  using kv = await Deno.openKv(":memory:");
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    for (let mined = 0; mined < 3; mined++) await l1.mine();
    const { number } = await l1.firstMark();
    await l1.mine();
    assertEquals(number, 3n);
    for (const goBack of [l1.reorg, l1.rollback]) {
      assertEquals(await codeOf(() => goBack(2n)), "L1_REORG_DEPTH");
      assertEquals((await goBack(1n)).commonNumber, 3n);
    }
  }
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    // Nobody has asked yet, as in a version that did not keep it.
    await l1.reorg(1n);
    await l1.mine();
    const { number, hash } = await l1.firstMark();
    assertEquals(number, 4n);
    assertEquals(hash, (await requireBlock(l1, 4n)).header.hash);
    assertEquals(await codeOf(() => l1.rollback(1n)), "L1_REORG_DEPTH");
  }
});
