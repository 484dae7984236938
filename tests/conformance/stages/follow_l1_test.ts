/** Operations of the L1 queue, forced batches, batches of others: what is on L1 comes to be here. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type { LocalEngine } from "../../../core/engine/local_engine.ts";
import {
  encodeForceBatch,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
} from "../../../core/l1/calls.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { requireBatch } from "../../../core/store/batches.ts";
import { readBlock, requireBlockSummary } from "../../../core/store/blocks.ts";
import { transactionHash } from "../../../core/types/tx.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import {
  FORCE_BATCH_TIMEOUT_SEC,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "../../../devnet/chain_config.ts";
import { callRollup, encodeSequence, letPass, refusalOf } from "../../simulation/l1_actions.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";

const STRANGER = user(9);
const GARBAGE = Uint8Array.of(0xde, 0xad);

/** A payment of user 1 to user 2. */
function payment(nonce: bigint): Uint8Array {
  return signedBy(user(1), { nonce, to: user(2).address, valueWei: 7n });
}

async function finish(engine: LocalEngine): Promise<void> {
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
}

/** Every batch and block of `engine`, as far as L1 has them. */
async function history(engine: LocalEngine): Promise<unknown[]> {
  const { node } = engine;
  const { sequenced } = await engine.heads();
  const rows: unknown[] = [];
  for (let number = 1; number <= sequenced; number++) {
    const batch = await requireBatch(node.kv, BigInt(number));
    const { sealReason: _reason, counters: _counters, ...meaning } = batch;
    rows.push(meaning);
    for (let block: bigint = batch.firstBlock; block <= batch.lastBlock; block++) {
      rows.push((await requireBlockSummary(node.kv, block)).hash);
    }
  }
  return rows;
}

async function assertFollowerAgrees(world: World): Promise<void> {
  const engine = await world.engine();
  const follower = await world.follower();
  await follower.sync();
  assertEquals(await history(follower), await history(engine));
  const [here, there] = [await engine.heads(), await follower.heads()];
  assertEquals(there.sequenced, here.sequenced);
  assertEquals(there.verified, here.verified);
}

Deno.test("buildBlock consumes operations first, and L1 verifies the batch", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(1n));
  await callRollup(world, STRANGER, encodeForceBatch(payment(0n)));
  await callRollup(world, STRANGER, encodeForceBatch(GARBAGE));
  await engine.sync();
  await engine.sealBatch();
  const block = await readBlock(engine.node.kv, 1n);
  assertEquals(block?.transactions.map(({ hash }) => hash), [transactionHash(payment(0n))]);
  assertEquals([block?.lastOperation, block?.operationTxCount], [2n, 1]);
  await finish(engine);
  const heads = await engine.heads();
  assertEquals([heads.sequenced, heads.verified], [heads.sealed, heads.sealed]);
  assertEquals((await readBlock(engine.node.kv, 2n))?.transactions.length, 1);
  await assertFollowerAgrees(world);
});

Deno.test("sync() executes a forced batch of a stranger, and anyone's proof consolidates it", async () => {
  await using world = await openWorld({ censored: new Set([user(1).address]) });
  const engine = await world.engine();
  const refused = await assertRejects(() => engine.sendTransaction(payment(0n)), RollupError);
  assertEquals(refused.code, "POOL_SENDER_CENSORED");
  await callRollup(world, user(1), encodeForceBatch(payment(0n)));
  await engine.sync();
  await assertRejects(() => engine.sealBatch(), RollupError);
  assertEquals(
    await refusalOf(world, STRANGER, encodeSequenceForceBatches(1n)),
    "ForceBatchTimeoutNotExpired",
  );
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  await callRollup(world, STRANGER, encodeSequenceForceBatches(1n));
  await engine.sync();
  const heads = await engine.heads();
  assertEquals([heads.sealed, heads.sequenced, heads.block], [1, 1, 1]);
  const block = await readBlock(engine.node.kv, 1n);
  assertEquals(block?.transactions.map(({ hash }) => hash), [transactionHash(payment(0n))]);
  assertEquals(block?.header.coinbase, STRANGER.address);
  await finish(engine);
  assertEquals((await engine.heads()).verified, 1);
  await assertFollowerAgrees(world);
});

Deno.test("sequenceBatches cannot pass an overdue operation by, and including it mends that", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await callRollup(
    world,
    user(3),
    encodeForceBatch(signedBy(user(3), { nonce: 0n, to: user(4).address })),
  );
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertStringIncludes(error.message, "ForceBatchDeadlinePassed");
  await engine.sync();
  await engine.sealBatch();
  await finish(engine);
  const heads = await engine.heads();
  assertEquals([heads.sealed, heads.verified], [2, 2]);
  await assertFollowerAgrees(world);
});

Deno.test("sync() executes batches whose data nobody can obey, operations included", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await callRollup(world, user(1), encodeForceBatch(payment(0n)));
  const { sequencer } = DEVNET_ROLES;
  const now = (await world.clock()).nowSec();
  await callRollup(
    world,
    sequencer,
    await encodeSequence(engine.node.l1, {
      batches: [
        { transactions: GARBAGE, timestampSec: now, operationCount: 0n },
        { transactions: GARBAGE, timestampSec: now, operationCount: 1n },
        { transactions: new Uint8Array(0), timestampSec: now, operationCount: 0n },
      ],
      initSequencedBatch: batchNumber(0n),
      l2Coinbase: sequencer.address,
    }),
  );
  await engine.sync();
  const heads = await engine.heads();
  assertEquals([heads.sealed, heads.sequenced, heads.block], [3, 3, 1]);
  assertEquals((await readBlock(engine.node.kv, 1n))?.transactions.length, 1);
  await engine.sendTransaction(payment(1n));
  await engine.sealBatch();
  await finish(engine);
  assertEquals((await engine.heads()).verified, 4);
  await assertFollowerAgrees(world);
});

Deno.test("a sequencer stops at a batch of L1 that is not its own; a follower takes it", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.sendTransaction(payment(1n));
  await engine.mineBlock();
  await callRollup(world, user(1), encodeForceBatch(payment(0n)));
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  await callRollup(world, STRANGER, encodeSequenceForceBatches(1n));
  const error = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(error.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  assertStringIncludes(error.message, "batchDataHash");
  world.restart();
  // The same folder, opened as a follower.
  const asFollower = await world.engine({ roles: new Set(["synchronizer"]) });
  await asFollower.sync();
  const heads = await asFollower.heads();
  assertEquals([heads.sealed, heads.sequenced, heads.block, heads.pooled], [1, 1, 1, 1]);
});

Deno.test("sync() rebuilds blocks whose operation L1 took back, and loses no transaction", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await finish(engine);
  const before = await world.snapshotL1();
  await callRollup(
    world,
    user(3),
    encodeForceBatch(signedBy(user(3), { nonce: 0n, to: user(4).address })),
  );
  await engine.sync();
  await engine.sendTransaction(payment(1n));
  await engine.sealBatch();
  await engine.sendTransaction(payment(2n));
  await engine.mineBlock();
  assertEquals((await engine.heads()).block, 3);
  await world.rewindL1(before);
  for (let mined = 0; mined < 3; mined++) await letPass(world, 5n);
  await engine.sync();
  const heads = await engine.heads();
  assertEquals([heads.block, heads.sealed, heads.pooled], [1, 1, 3]);
  await engine.sealBatch();
  await finish(engine);
  const after = await engine.heads();
  assertEquals([after.sealed, after.verified, after.pooled], [2, 2, 0]);
  await assertFollowerAgrees(world);
});

Deno.test("sync() keeps blocks whose operation comes back with the other fork", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const before = await world.snapshotL1();
  const operation = encodeForceBatch(payment(0n));
  await callRollup(world, user(3), operation);
  await engine.sync();
  await engine.sealBatch();
  const { block } = await engine.heads();
  const hash = (await readBlock(engine.node.kv, 1n))?.hash;
  await world.rewindL1(before);
  await letPass(world, 5n);
  await callRollup(world, user(3), operation);
  await engine.sync();
  assertEquals((await engine.heads()).block, block);
  assertEquals((await readBlock(engine.node.kv, 1n))?.hash, hash);
  await finish(engine);
  assertEquals((await engine.heads()).verified, 1);
});

Deno.test("sync() follows a rollback, and submit sends the batches again", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  for (let nonce = 0n; nonce < 3n; nonce++) {
    await engine.sendTransaction(payment(nonce));
    await engine.sealBatch();
    await engine.submit();
  }
  await engine.sync();
  const before = await history(engine);
  const snapshot = await world.snapshotL1();
  await callRollup(world, DEVNET_ROLES.deployer, encodeRollbackBatches(1n));
  await engine.sync();
  assertEquals((await engine.heads()).sequenced, 1);
  await finish(engine);
  assertEquals((await engine.heads()).verified, 3);
  assertEquals(await history(engine), before);
  await assertFollowerAgrees(world);
  // A reorganisation takes the rollback itself back.
  await world.rewindL1(snapshot);
  await letPass(world, 5n);
  await engine.sync();
  assertEquals((await engine.heads()).sequenced, 3);
  await finish(engine);
  assertEquals((await engine.heads()).verified, 3);
  await assertFollowerAgrees(world);
});

Deno.test("sync() executes a batch of L1 after a crash at any of its commits", async () => {
  for (const when of ["before", "after"] as const) {
    for (let commit = 1; commit <= 9; commit++) {
      await using world = await openWorld();
      await world.engine();
      await callRollup(world, user(1), encodeForceBatch(payment(0n)));
      await callRollup(world, user(1), encodeForceBatch(payment(1n)));
      await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
      await callRollup(world, STRANGER, encodeSequenceForceBatches(1n));
      await letPass(world, 1n);
      await callRollup(world, STRANGER, encodeSequenceForceBatches(1n));
      world.fault.crashAt({ commit, when });
      try {
        await (await world.engine()).sync();
      } catch (error) {
        if (!world.crashed()) throw error;
      }
      world.fault.crashAt(undefined);
      const engine = await world.engine();
      await engine.sync();
      assertEquals((await engine.heads()).sequenced, 2, `${when} commit ${commit}`);
      await assertFollowerAgrees(world);
    }
  }
});

Deno.test("a forced batch that L1 lost goes, and the sequencer includes its operation itself", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const operations = [payment(0n), payment(1n)].map(encodeForceBatch);
  for (const operation of operations) await callRollup(world, user(1), operation);
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  const before = await world.snapshotL1();
  await callRollup(world, STRANGER, encodeSequenceForceBatches(1n));
  await engine.sync();
  assertEquals((await engine.heads()).sealed, 1);
  await world.rewindL1(before);
  await letPass(world, 5n);
  await engine.sync();
  assertEquals((await engine.heads()).sealed, 0);
  await engine.sealBatch();
  await finish(engine);
  const heads = await engine.heads();
  assertEquals([heads.sealed, heads.verified], [1, 1]);
  assertEquals((await readBlock(engine.node.kv, 1n))?.transactions.length, 2);
  await assertFollowerAgrees(world);
});

Deno.test("prove() makes the proof that a stranger's verification had made needless, once L1 lost it", async () => {
  const prover = user(8);
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  await engine.sync();
  const other = await world.follower({
    roles: new Set(["prover", "submitter", "synchronizer"]),
    aggregator: prover,
  });
  await letPass(world, TRUSTED_AGGREGATOR_TIMEOUT_SEC);
  const before = await world.snapshotL1();
  await other.sync();
  await other.prove();
  await other.submit();
  await engine.sync();
  await engine.prove();
  assertEquals((await engine.heads()).verified, 1);
  await world.rewindL1(before);
  await letPass(world, 5n);
  await engine.sync();
  assertEquals((await engine.heads()).verified, 0);
  await finish(engine);
  assertEquals((await engine.heads()).verified, 1);
});
