/** Ways to be stuck or to lose something that random lives have found, each in its shortest form. */
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import {
  encodeForceBatch,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
  encodeSetTrustedAggregator,
} from "../../../core/l1/calls.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import { DEVNET_ROLES } from "../../../devnet/accounts.ts";
import {
  FORCE_BATCH_TIMEOUT_SEC,
  TRUSTED_AGGREGATOR_TIMEOUT_SEC,
} from "../../../devnet/chain_config.ts";
import { callRollup, letPass, sendToRollup } from "../../simulation/l1_actions.ts";
import { signedBy, user } from "../../simulation/signing.ts";
import { openWorld, type World } from "../../simulation/world.ts";

const STRANGER = user(9);
const ADMIN = DEVNET_ROLES.deployer;

function payment(nonce: bigint): Uint8Array {
  return signedBy(user(1), { nonce, to: user(2).address, valueWei: 7n });
}

async function finish(world: World): Promise<void> {
  const engine = await world.engine();
  await engine.submit();
  await engine.prove();
  await engine.submit();
  await engine.sync();
  const { sealed, verified } = await engine.heads();
  assertEquals(verified, sealed);
}

Deno.test("a transaction that waited and came as an operation waits again when L1 loses that", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  const before = await world.snapshotL1();
  await engine.sendTransaction(payment(0n));
  await callRollup(world, STRANGER, encodeForceBatch(payment(0n)));
  await engine.sync();
  await engine.mineBlock();
  assertEquals((await engine.heads()).pooled, 0);
  await world.rewindL1(before);
  for (let mined = 0; mined < 3; mined++) await letPass(world, 5n);
  await engine.sync();
  const heads = await engine.heads();
  assertEquals([heads.block, heads.pooled], [0, 1]);
  await engine.sealBatch();
  await finish(world);
});

Deno.test("a follower takes a rollback and another batch in one L1 block", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  await callRollup(world, STRANGER, encodeForceBatch(payment(1n)));
  await letPass(world, FORCE_BATCH_TIMEOUT_SEC);
  await engine.sync();
  await world.setL1Mining("manual");
  await sendToRollup(world, ADMIN, encodeRollbackBatches(0n));
  await sendToRollup(world, STRANGER, encodeSequenceForceBatches(1n));
  await (await world.l1()).mine();
  const error = await assertRejects(() => engine.sync(), RollupError);
  assertEquals(error.code, "L1_DIFFERS_FROM_TRUSTED_STATE");
  world.restart();
  const follower = await world.engine({ roles: new Set(["synchronizer"]) });
  await follower.sync();
  const heads = await follower.heads();
  assertEquals([heads.sealed, heads.sequenced, heads.pooled], [1, 1, 1]);
});

Deno.test("a batch that a stranger had verified is proven here when L1 loses the verification", async () => {
  await using world = await openWorld();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  const before = await world.snapshotL1();
  await letPass(world, TRUSTED_AGGREGATOR_TIMEOUT_SEC + 1n);
  const roles = new Set(["synchronizer", "prover", "submitter"] as const);
  const prover = await world.follower({ roles, aggregator: STRANGER });
  await prover.sync();
  await prover.prove();
  await prover.submit();
  await engine.sync();
  // What L1 has verified is no proof of this node to show.
  assertEquals(await engine.prove(), []);
  assertEquals((await engine.heads()).verified, 1);
  await world.rewindL1(before);
  await letPass(world, 5n);
  await engine.sync();
  assertEquals((await engine.heads()).verified, 0);
  await finish(world);
});

Deno.test("verifyBatches follows an admin who names another aggregator and ours again", async () => {
  await using world = await openWorld();
  const { aggregator } = DEVNET_ROLES;
  await world.engine();
  await callRollup(world, ADMIN, encodeSetTrustedAggregator(STRANGER.address));
  world.restart();
  const engine = await world.engine();
  await engine.sendTransaction(payment(0n));
  await engine.sealBatch();
  await engine.submit();
  await engine.prove();
  const said: string[] = [];
  await engine.submit((text) => said.push(text));
  assertStringIncludes(said.join(), `until then by ${STRANGER.address} only`);
  await callRollup(world, ADMIN, encodeSetTrustedAggregator(aggregator.address));
  await finish(world);
});
