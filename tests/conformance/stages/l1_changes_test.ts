/** L1 changes between two steps, within a block, or under the node's keys: what is read stays true. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  encodeActivateEmergencyState,
  encodeAddVerifier,
  encodeForceBatch,
  encodeSequenceForceBatches,
  encodeSetForceBatchTimeout,
  encodeSetTrustedAggregator,
  encodeUpdateProgram,
} from "../../../core/l1/calls.ts";
import { readRollupParameters } from "../../../core/l1/rollup_views.ts";
import { syncL1 } from "../../../core/pipeline/stages/sync_l1.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { hash32 } from "../../../core/primitives/hex.ts";
import { lastQueuedOperation, readOperation } from "../../../core/store/operations.ts";
import { requireBatch } from "../../../core/store/batches.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import { FORCE_BATCH_TIMEOUT_SEC } from "../../../devnet/chain_config.ts";
import { callRollup, letPass, refusalOf, sendToRollup } from "../../simulation/l1_actions.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";

const ADMIN = DEVNET_ROLES.deployer;

function payment(nonce: bigint, gasLimit = 300_000n): Uint8Array {
  return signedBy(user(1), { nonce, to: user(2).address, valueWei: 7n, gasLimit });
}

function force(byte: number): ReturnType<typeof encodeForceBatch> {
  return encodeForceBatch(Uint8Array.of(0xde, byte));
}

async function mine(world: World, count: number): Promise<void> {
  for (let mined = 0; mined < count; mined++) await (await world.l1()).mine();
}

Deno.test("syncL1 reads what came into blocks that it has asked for and not read", async () => {
  for (const isLonger of [true, false]) {
    await using world = await openWorld();
    const engine = await world.engine();
    await engine.sync();
    await callRollup(world, user(3), force(1));
    await mine(world, 5);
    // Reads the first one; what was asked for says that there is nothing else.
    await syncL1.step(engine.node);
    await (await world.l1()).rollback(4n);
    if (!isLonger) await engine.sync();
    await callRollup(world, user(3), force(2));
    await mine(world, 6);
    await engine.sync();
    assertEquals(await lastQueuedOperation(engine.node.kv), 2n, `longer: ${isLonger}`);
  }
});

Deno.test("syncL1 forgets what a crash left of a block that L1 then dropped", async () => {
  await using world = await openWorld();
  await (await world.engine()).sync();
  const before = await world.snapshotL1();
  await world.setL1Mining("manual");
  // More than one commit takes.
  for (let index = 0; index < 150; index++) {
    const data = new Uint8Array(5_000);
    data.set([index, index >> 8, 1]);
    await sendToRollup(world, user(5 + index % 4), encodeForceBatch(data), 190_000n);
  }
  await mine(world, 1);
  await world.setL1Mining("automine");
  world.fault.crashAt({ commit: 1, when: "after" });
  await assertRejects(async () => await (await world.engine()).sync());
  assertEquals(world.crashed(), true);
  await world.rewindL1(before);
  const engine = await world.engine();
  for (let block = 0; block < 3; block++) await letPass(world, 5n);
  await engine.sync();
  assertEquals(await lastQueuedOperation(engine.node.kv), 0n);
  await callRollup(world, user(3), force(1));
  await engine.sync();
  assertEquals(await lastQueuedOperation(engine.node.kv), 1n);
});

Deno.test("syncL1 takes an operation back again that came back before another one", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const l1 = await world.l1();
  await engine.sync();
  for (const nonce of [0n, 1n]) await callRollup(world, user(3), encodeForceBatch(payment(nonce)));
  await engine.sync();
  await engine.mineBlock();
  await l1.rollback(2n);
  // Settings make L1 blocks to be read one by one.
  await callRollup(world, ADMIN, encodeSetForceBatchTimeout(400_000n));
  await mine(world, 4);
  await callRollup(world, user(3), encodeForceBatch(payment(0n)));
  await mine(world, 1);
  while (await lastQueuedOperation(engine.node.kv) !== 1n) await syncL1.step(engine.node);
  await l1.rollback(2n);
  await mine(world, 6);
  await engine.sync();
  await callRollup(world, user(5), encodeForceBatch(payment(7n)));
  await engine.sync();
  assertEquals((await readOperation(engine.node.kv, 1n))?.sender, user(5).address);
});

Deno.test("a sequencer that stopped at a batch of L1 goes on once L1 took it back", async () => {
  await using world = await openWorld({ censored: new Set([user(1).address]) });
  const engine = await world.engine();
  await callRollup(world, user(1), encodeForceBatch(payment(0n)));
  await engine.sync();
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  const before = await world.snapshotL1();
  await engine.sendTransaction(signedBy(user(3), { nonce: 0n, to: user(4).address }));
  await engine.mineBlock();
  await callRollup(world, user(9), encodeSequenceForceBatches(1n));
  const stopped = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(stopped.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  // Time alone does not close a batch in the place of that of L1.
  await letPass(world, 7_200n);
  assertEquals(await engine.sealIfDue(), false);
  await world.rewindL1(before);
  for (let block = 0; block < 5; block++) await letPass(world, 5n);
  await engine.sync();
  assertEquals((await engine.heads()).block, 1);
});

Deno.test("a batch of L1 that is half executed is closed as L1 has it, whatever time says", async () => {
  await using world = await openWorld();
  const before = await world.engine();
  for (const nonce of [0n, 1n]) {
    await callRollup(world, user(1), encodeForceBatch(payment(nonce, 16_000_000n)));
  }
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  await callRollup(world, user(9), encodeSequenceForceBatches(2n));
  while (before.node.tip.get().header.number < 1n) await syncL1.step(before.node);
  world.restart();
  const engine = await world.engine();
  await letPass(world, 7_200n);
  assertEquals(await engine.sealIfDue(), false);
  await engine.sync();
  const batch = await requireBatch(engine.node.kv, 1n);
  assertEquals([batch.lastBlock, batch.coinbase], [2n, user(9).address]);
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 1);
});

Deno.test("submit() sends proofs though L1 takes no batches", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await callRollup(world, ADMIN, encodeActivateEmergencyState(0n));
  await engine.sendTransaction(payment(1n));
  await engine.sealBatch();
  const error = await assertRejects(() => engine.submit(), RollupError);
  assertEquals(error.details["errorName"], "OnlyNotEmergencyState");
  await engine.sync();
  const { sequenced, verified } = await engine.heads();
  assertEquals([sequenced, verified], [1, 1]);
});

Deno.test("another aggregator sends its own proofs while one of the old account is under way", async () => {
  const other = user(8);
  await using world = await openWorld();
  const first = await world.engine();
  for (const nonce of [0n, 1n]) {
    await first.sendTransaction(payment(nonce));
    await first.sealBatch();
    await first.submit();
    await first.prove();
    if (nonce === 0n) await first.submit();
  }
  await first.sync();
  await world.setL1Mining("manual");
  await first.submit();
  for (const { hash } of await (await world.l1()).pendingTransactions()) {
    await (await world.l1()).dropTransaction(hash);
  }
  await world.setL1Mining("automine");
  world.restart();
  const engine = await world.engine({ aggregator: other });
  const { aggregator } = DEVNET_ROLES;
  await (await world.l1()).decree(new Map([[aggregator.address, { balanceWei: 0n }]]));
  await callRollup(world, ADMIN, encodeSetTrustedAggregator(other.address));
  await engine.sync();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 2);
  // Its first transaction: no nonce of the other account is imitated.
  assertEquals(await (await world.l1()).pendingNonce(other.address), 1n);
});

Deno.test("sync() stops where L1 takes another program", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const unknown = hash32(`0x${"77".repeat(32)}`);
  assertEquals(await refusalOf(world, ADMIN, encodeUpdateProgram(unknown)), "VerifierDoesNotExist");
  const { client, rollup } = engine.node.l1;
  const { verifier } = await readRollupParameters(client, rollup);
  await callRollup(world, ADMIN, encodeAddVerifier(unknown, verifier));
  await callRollup(world, ADMIN, encodeUpdateProgram(unknown));
  const error = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(error.code, "L1_PROGRAM_CHANGED");
});

Deno.test("submit() sends nothing to an L1 without the contract, and all once it is back", async () => {
  await using world = await openWorld();
  const first = await world.engine();
  for (const nonce of [0n, 1n]) {
    await first.sendTransaction(payment(nonce));
    await first.sealBatch();
    await first.submit();
  }
  await first.prove();
  await first.submit();
  await first.sync();
  const l1 = await world.l1();
  await l1.rollback(await l1.numberOf("latest"));
  const { address } = DEVNET_ROLES.sequencer;
  for (let round = 0; round < 3; round++) {
    const error = await assertRejects(async () => {
      await first.sync();
      await first.submit();
    }, RollupError);
    assertEquals(error.code, "L1_ROLLUP_MISSING");
    await mine(world, 4);
  }
  assertEquals(await l1.pendingNonce(address), 0n);
  // Opened again, the contracts are deployed again.
  world.restart();
  const engine = await world.engine();
  for (let round = 0; round < 3; round++) {
    await engine.sync();
    await engine.submit();
    await engine.prove();
  }
  await engine.sync();
  assertEquals((await engine.heads()).verified, 2);
});

Deno.test("a clock that was set far ahead is followed in steps that batch data can tell", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await letPass(world, 1n << 33n);
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  assertEquals((await engine.heads()).verified, 1);
});

Deno.test("a sequencer that L1 contradicts makes no promises until it follows", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await callRollup(world, user(3), force(1));
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  await callRollup(world, user(9), encodeSequenceForceBatches(1n));
  const verbs = [
    () => engine.sync(),
    () => engine.sendTransaction(payment(1n)),
    () => engine.sealBatch(),
    () => engine.mineBlock(),
  ];
  for (const verb of verbs) {
    const error = await assertRejects(verb, RollupError);
    assertEquals(error.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  }
});
