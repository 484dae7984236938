/** An L1 that takes back what it said, loses transactions or refuses them: the chain ends verified. */
import { assertEquals, assertRejects } from "@std/assert";
import type { HeadsView } from "../../../core/engine/engine.ts";
import type { L1Request } from "../../../core/l1/backends/json_rpc.ts";
import { readRollupState } from "../../../core/l1/rollup_views.ts";
import { signL1Transaction } from "../../../core/l1/transaction.ts";
import { assert, RollupError } from "../../../core/primitives/errors.ts";
import { L1_BLOCKS } from "../../../core/store/schema.ts";
import { listRows } from "../../../core/store/table.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";
import { signedAttempts } from "./l1_attempts.ts";

async function sealBatch(world: World, nonce: bigint): Promise<void> {
  const engine = await world.engine();
  await engine.sendTransaction(signedBy(user(0), { nonce, to: user(1).address, valueWei: 1n }));
  await engine.sealBatch();
}

/** Everything that is left to do, as a user would type it. */
async function finish(world: World): Promise<HeadsView> {
  const engine = await world.engine();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  return await engine.heads();
}

/** Blocks that the other fork did not have: later, so that their hashes differ. */
async function mineOtherBlocks(world: World, count: number): Promise<void> {
  const [l1, clock] = [await world.l1(), await world.clock()];
  clock.observe(clock.nowSec() + 5n);
  for (let mined = 0; mined < count; mined++) await l1.mine();
}

async function assertContractAgrees(world: World, batch: bigint): Promise<void> {
  const { node } = await world.engine();
  const state = await readRollupState(node.l1.client, node.l1.rollup);
  assertEquals([state.lastBatchSequenced, state.lastVerifiedBatch].map(BigInt), [batch, batch]);
}

for (const otherBlocks of [0, 1, 2, 9]) {
  Deno.test(`syncL1 goes back when L1 drops everything and has ${otherBlocks} other blocks`, async () => {
    await using world = await openWorld();
    await world.engine();
    const start = await world.snapshotL1();
    await sealBatch(world, 0n);
    await sealBatch(world, 1n);
    const before = await finish(world);
    assertEquals([before.sequenced, before.verified], [2, 2]);
    const bytes = await signedAttempts(world);

    await world.rewindL1(start);
    await mineOtherBlocks(world, otherBlocks);
    const engine = await world.engine();
    const synced = await engine.sync();
    assertEquals([synced.sequenced, synced.verified], [0, 0]);
    assert(synced.unwoundL1Blocks > 0, "it says that it went back");
    assertEquals((await engine.heads()).proven, 2);

    const after = await finish(world);
    assertEquals([after.sealed, after.sequenced, after.verified], [2, 2, 2]);
    assertEquals(await signedAttempts(world), bytes);
    await assertContractAgrees(world, 2n);
    assertEquals((await engine.sync()).unwoundL1Blocks, 0);
  });
}

Deno.test("syncL1 goes back to the batches that the other fork has too", async () => {
  await using world = await openWorld();
  await sealBatch(world, 0n);
  await finish(world);
  const engine = await world.engine();
  await sealBatch(world, 1n);
  await engine.submit();
  const fork = await world.snapshotL1();
  await finish(world);
  await world.rewindL1(fork);
  await mineOtherBlocks(world, 3);
  const synced = await engine.sync();
  assertEquals([synced.sequenced, synced.verified], [2, 1]);
  assertEquals((await finish(world)).verified, 2);
  await assertContractAgrees(world, 2n);
});

Deno.test("syncL1 finds what was mined in a fork that nobody read", async () => {
  for (const otherBlocks of [0, 2, 9]) {
    await using world = await openWorld();
    const engine = await world.engine();
    await engine.sync();
    const start = await world.snapshotL1();
    await sealBatch(world, 0n);
    await engine.submit();
    await engine.prove();
    await engine.submit();
    const bytes = await signedAttempts(world);
    await world.rewindL1(start);
    await mineOtherBlocks(world, otherBlocks);
    // Until L1 is as high as our blocks were, nobody can know that they are gone.
    let heads = await engine.heads();
    for (let round = 0; round < 4 && heads.verified < 1; round++) {
      await mineOtherBlocks(world, 1);
      await engine.sync();
      heads = await finish(world);
    }
    assertEquals([heads.sequenced, heads.verified], [1, 1], `${otherBlocks} other blocks`);
    assertEquals(await signedAttempts(world), bytes);
  }
});

Deno.test("syncL1 survives a reorganisation when the process died meanwhile", async () => {
  await using world = await openWorld();
  await world.engine();
  const start = await world.snapshotL1();
  await sealBatch(world, 0n);
  await finish(world);
  for (const when of ["before", "after"] as const) {
    for (let commit = 1; commit <= 4; commit++) {
      await world.rewindL1(start);
      await mineOtherBlocks(world, commit);
      world.fault.crashAt({ commit, when });
      try {
        await (await world.engine()).sync();
      } catch (error) {
        if (!world.crashed()) throw error;
      }
      world.fault.crashAt(undefined);
      await (await world.engine()).sync();
      assertEquals((await finish(world)).verified, 1);
    }
  }
});

Deno.test("sequenceBatch sends again what L1 has lost before it was mined", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await world.setL1Mining("manual");
  const empty = await world.snapshotL1();
  await sealBatch(world, 0n);
  const [sent] = await engine.submit();
  assertEquals(sent?.status, "sent");
  await world.rewindL1(empty);
  await (await world.l1()).mine();
  assertEquals((await engine.submit()).map(({ status }) => status), ["sent"]);
  await (await world.l1()).mine();
  const [mined] = await engine.submit();
  assertEquals([mined?.status, mined?.transactionHash], ["mined", sent?.transactionHash]);
});

Deno.test("sequenceBatch writes a new intent when another transaction took its nonce", async () => {
  for (const isSent of [false, true]) {
    let isDown = !isSent;
    await using world = await openWorld({
      intercept: (next) => (method, params) => {
        if (isDown && method === "eth_sendRawTransaction") {
          return Promise.reject(new TypeError("connection refused"));
        }
        return next(method, params);
      },
    });
    const engine = await world.engine();
    await world.setL1Mining("manual");
    const empty = await world.snapshotL1();
    await sealBatch(world, 0n);
    if (isSent) await engine.submit();
    else {
      const error = await assertRejects(() => engine.submit(), RollupError);
      assertEquals(error.code, "L1_UNAVAILABLE");
    }
    isDown = false;
    // Somebody else has the key, and L1 has forgotten ours.
    await world.rewindL1(empty);
    const { sequencer } = DEVNET_ROLES;
    const l1 = await world.l1();
    await l1.sendRawTransaction(
      signL1Transaction({
        chainId: l1.chainId,
        nonce: 0n,
        to: user(3).address,
        data: new Uint8Array(0),
        valueWei: 1n,
        gasLimit: 21_000n,
        maxFeePerGasWei: 10n ** 11n,
        maxPriorityFeePerGasWei: 1n,
      }, sequencer.privateKey).raw,
    );
    await l1.mine();
    await world.setL1Mining("automine");
    assertEquals((await engine.submit()).map(({ nonce, status }) => [nonce, status]), [[
      1,
      "mined",
    ]]);
    assertEquals((await finish(world)).verified, 1);
  }
});

Deno.test("sequenceBatch goes on with a new transaction after one that reverted on L1", async () => {
  let isTooLow = true;
  const intercept = (next: L1Request): L1Request => async (method, params) =>
    isTooLow && method === "eth_estimateGas" ? "0x1" : await next(method, params);
  await using world = await openWorld({ intercept });
  const engine = await world.engine();
  await sealBatch(world, 0n);
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertEquals(error.code, "L1_TRANSACTION_REVERTED");
  isTooLow = false;
  const [mined] = await engine.submit();
  assertEquals([mined?.status, mined?.nonce], ["mined", 1]);
  assertEquals((await finish(world)).verified, 1);
});

Deno.test("sequenceBatch takes as done what L1 has from a transaction that was given up", async () => {
  let isTooLow = true;
  const intercept = (next: L1Request): L1Request => async (method, params) =>
    isTooLow && method === "eth_estimateGas" ? "0x1" : await next(method, params);
  await using world = await openWorld({ intercept });
  const engine = await world.engine();
  const start = await world.snapshotL1();
  await sealBatch(world, 0n);
  await assertRejects(() => engine.submit(), RollupError);
  // On another fork the same batch arrives with a transaction that this node does not know.
  isTooLow = false;
  await world.rewindL1(start);
  const stranger = await openWorld();
  await sealBatch(stranger, 0n);
  await (await stranger.engine()).submit();
  const [raw] = Object.values(await signedAttempts(stranger));
  await stranger[Symbol.asyncDispose]();
  assert(raw !== undefined, "the other world sent its batch");
  await (await world.l1()).sendRawTransaction(Uint8Array.fromHex(raw.slice(2)));
  await engine.sync();
  assertEquals((await engine.heads()).sequenced, 1);
  assertEquals((await finish(world)).verified, 1);
});

Deno.test("syncL1 refuses logs of a chain that was replaced while it was read", async () => {
  let replaced = false;
  const intercept = (next: L1Request): L1Request => async (method, params) => {
    const answer = await next(method, params);
    if (replaced && method === "eth_getLogs" && Array.isArray(answer)) {
      return answer.map((log) => ({ ...log, blockHash: `0x${"ab".repeat(32)}` }));
    }
    return answer;
  };
  await using world = await openWorld({ intercept });
  const engine = await world.engine();
  await sealBatch(world, 0n);
  await engine.submit();
  replaced = true;
  const error = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(error.code, "L1_BLOCK_MISSING");
  const rows: string[] = [];
  for await (const { value } of listRows(engine.node.kv, L1_BLOCKS)) rows.push(value.hash);
  assertEquals(rows, []);
  replaced = false;
  await engine.sync();
  assertEquals((await engine.heads()).sequenced, 1);
});
