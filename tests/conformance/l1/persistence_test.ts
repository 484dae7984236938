import { assertEquals, assertRejects } from "@std/assert";
import { bigintToBytes } from "../../../core/primitives/bytes.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { TABLES } from "../../../core/store/schema.ts";
import { requireRow } from "../../../core/store/table.ts";
import { createWriteSet } from "../../../core/store/write_set.ts";
import { createdAddress } from "../../../core/types/tx.ts";
import type { EmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import { L1CHAIN_IDENTITY, L1CHAIN_TABLES } from "../../../devnet/l1/schema.ts";
import { CrashError, createCrashingKv } from "./crashing_kv.ts";
import { importChain, requireBlock } from "./ethereumjs_oracle.ts";
import { devAccount, openL1, requireReceipt, signedBy } from "./testing.ts";

/** Writes the slots after `first` until the gas is nearly gone; equal storage would be stored once. */
function fillStorageFrom(first: bigint): Uint8Array {
  return hexToBytes(`0x61${bigintToBytes(first, 2).toHex()}5b6001018080555a620186a01060035700`);
}

async function headHash(l1: EmbeddedL1): Promise<Hash32> {
  return (await requireBlock(l1, await l1.numberOf("latest"))).header.hash;
}

Deno.test("openEmbeddedL1() continues a file with the same head and the same next block", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const runHalf = async (nonces: readonly bigint[]) => {
      using kv = await Deno.openKv(`${dir}/split.kv`);
      await using l1 = await openL1(kv);
      const opened = await headHash(l1);
      for (const nonce of nonces) await l1.sendRawTransaction(signedBy(devAccount(0), { nonce }));
      return { opened, closed: await headHash(l1) };
    };
    const first = await runHalf([0n, 1n]);
    const second = await runHalf([2n, 3n]);
    assertEquals(second.opened, first.closed);

    using kv = await Deno.openKv(`${dir}/whole.kv`);
    await using whole = await openL1(kv);
    for (const nonce of [0n, 1n, 2n, 3n]) {
      await whole.sendRawTransaction(signedBy(devAccount(0), { nonce }));
    }
    assertEquals(second.closed, await headHash(whole));
    assertEquals(await importChain(whole), 4n);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("openEmbeddedL1() brings back what waits in the pool, in order", async () => {
  using kv = await Deno.openKv(":memory:");
  const alice = devAccount(0);
  const sent: Hash32[] = [];
  {
    await using l1 = await openL1(kv, { mining: "manual" });
    for (const nonce of [1n, 0n, 5n]) {
      sent.push(await l1.sendRawTransaction(signedBy(alice, { nonce })));
    }
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  assertEquals(await l1.pendingNonce(alice.address), 2n);
  assertEquals((await l1.pendingTransactions()).map(({ tx }) => tx.nonce), [0n, 1n, 5n]);
  await l1.mine();
  assertEquals((await l1.pendingTransactions()).map(({ tx }) => tx.nonce), [5n]);
  const [first, second] = sent;
  assert(first !== undefined && second !== undefined, "three were sent");
  assertEquals((await requireReceipt(l1, second)).transaction.position?.index, 0);
  assertEquals((await requireReceipt(l1, first)).transaction.position?.index, 1);
  let pooled = 0;
  for await (const _ of kv.list({ prefix: ["l1chain_pool"] })) pooled++;
  assertEquals(pooled, 1);
});

Deno.test("openEmbeddedL1() reads old blocks, receipts and states after a restart", async () => {
  using kv = await Deno.openKv(":memory:");
  const [alice, bob] = [devAccount(0), devAccount(1)];
  let hash: Hash32;
  let receipt;
  {
    await using l1 = await openL1(kv);
    hash = await l1.sendRawTransaction(signedBy(alice, { nonce: 0n, valueWei: 5n }));
    receipt = await requireReceipt(l1, hash);
    await l1.sendRawTransaction(signedBy(alice, { nonce: 1n, valueWei: 6n }));
  }
  await using l1 = await openL1(kv);
  assertEquals(await requireReceipt(l1, hash), receipt);
  const balances = await Promise.all([0n, 1n, 2n].map((number) => l1.balance(bob.address, number)));
  assertEquals(balances.map((balance) => balance - 10_000n * 10n ** 18n), [0n, 5n, 11n]);
  assertEquals(await l1.nonce(alice.address, 1n), 1n);
});

Deno.test("openEmbeddedL1() refuses another chain id or version in the same folder", async () => {
  using kv = await Deno.openKv(":memory:");
  await (await openL1(kv))[Symbol.asyncDispose]();
  const other = await assertRejects(() => openL1(kv, { chainId: 901n }), RollupError);
  assertEquals(other.code, "L1_GENESIS_MISMATCH");
  const writes = createWriteSet(kv);
  const identity = await requireRow(kv, L1CHAIN_IDENTITY, ["chain"]);
  writes.set(L1CHAIN_IDENTITY, ["chain"], { ...identity, schemaVersion: 99n });
  await writes.commit();
  const version = await assertRejects(() => openL1(kv), RollupError);
  assertEquals(version.code, "L1_OTHER_VERSION");
});

Deno.test("mine() keeps a block whose rows do not fit one commit", async () => {
  using kv = await Deno.openKv(":memory:");
  const crashing = createCrashingKv(kv);
  await using l1 = await openL1(crashing.kv, { mining: "manual" });
  await fillPool(l1);
  const before = crashing.commitCount();
  await l1.mine();
  assert(crashing.commitCount() - before > 2, "the block needs several commits");
  assertEquals((await requireBlock(l1, 1n)).transactions.length, 3);
  assertEquals(await importChain(l1), 1n);
});

Deno.test("mine() leaves the old head or the new one, wherever the process dies", async () => {
  const clean = await runUntilCrash(Number.POSITIVE_INFINITY);
  assertEquals(clean.reopenedAt, 1n);
  assert(clean.commits > 2, "there are several places to die at");
  for (let commits = 0; commits < clean.commits; commits++) {
    const crashed = await runUntilCrash(commits);
    assertEquals(crashed.reopenedAt, 0n);
    assertEquals(crashed.headHash, clean.headHash);
  }
});

Deno.test("mine() that fails leaves the open chain as it was", async () => {
  using kv = await Deno.openKv(":memory:");
  const crashing = createCrashingKv(kv);
  await using l1 = await openL1(crashing.kv, { mining: "manual" });
  const hash = await l1.sendRawTransaction(signedBy(devAccount(0), { nonce: 0n }));
  crashing.crashAfter(0);
  await assertRejects(() => l1.mine(), CrashError);
  await assertRejects(
    () => l1.sendRawTransaction(signedBy(devAccount(0), { nonce: 1n })),
    CrashError,
  );
  assertEquals(await l1.numberOf("latest"), 0n);
  assertEquals((await l1.pendingTransactions()).map((waiting) => waiting.hash), [hash]);
  crashing.crashAfter(Number.POSITIVE_INFINITY);
  await l1.mine();
  await l1.sendRawTransaction(signedBy(devAccount(0), { nonce: 1n }));
  await l1.mine();
  assertEquals(await importChain(l1), 2n);
});

Deno.test("openEmbeddedL1() closed refuses to write and ends what was under way", async () => {
  using kv = await Deno.openKv(":memory:");
  const l1 = await openL1(kv);
  const running = l1.mine();
  // The queue starts a task in the next turn; from then on it is under way.
  await Promise.resolve();
  const closing = l1[Symbol.asyncDispose]();
  const late = l1.mine();
  const outcomes = await Promise.allSettled([running, late, closing]);
  assertEquals(outcomes.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  assertEquals(await l1.numberOf("latest"), 1n);
  const error = await assertRejects(() => l1.mine(), RollupError);
  assertEquals(error.code, "L1_CLOSED");
});

Deno.test("L1CHAIN_TABLES share no name with the node's tables", () => {
  const names = [...TABLES, ...L1CHAIN_TABLES].map(({ name }) => name);
  assertEquals(names.length, new Set(names).size);
});

/** Two transactions that fill storage and one with as much data as an L2 batch has. */
async function fillPool(l1: EmbeddedL1): Promise<void> {
  for (const index of [0, 1]) {
    await l1.sendRawTransaction(signedBy(devAccount(index), {
      nonce: 0n,
      to: undefined,
      data: fillStorageFrom(BigInt(1_000 * index)),
      valueWei: 0n,
      gasLimit: 12_000_000n,
    }));
  }
  await l1.sendRawTransaction(signedBy(devAccount(2), {
    nonce: 0n,
    data: new Uint8Array(120_000).fill(7),
    gasLimit: 5_000_000n,
  }));
}

/** Mines a large block on a KV that dies after `commits` commits of it, then opens what is left. */
async function runUntilCrash(commits: number) {
  using kv = await Deno.openKv(":memory:");
  const crashing = createCrashingKv(kv);
  let used: number;
  {
    await using l1 = await openL1(crashing.kv, { mining: "manual" });
    await fillPool(l1);
    const before = crashing.commitCount();
    crashing.crashAfter(commits);
    if (commits === Number.POSITIVE_INFINITY) await l1.mine();
    else await assertRejects(() => l1.mine(), CrashError);
    used = crashing.commitCount() - before;
  }
  await using l1 = await openL1(kv, { mining: "manual" });
  const reopenedAt = await l1.numberOf("latest");
  if (reopenedAt === 0n) await l1.mine();
  const filled = createdAddress(devAccount(0).address, 0n);
  const slot = `0x${bigintToBytes(1n, 32).toHex()}` as Hash32;
  assertEquals(await l1.storage(filled, slot, 1n), slot);
  return { reopenedAt, commits: used, headHash: await headHash(l1) };
}
