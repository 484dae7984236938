import { assertEquals } from "@std/assert";
import {
  encodeAcceptAdminRole,
  encodeActivateEmergencyState,
  encodeAddVerifier,
  encodeDeactivateEmergencyState,
  encodeDeployMockVerifier,
  encodeForceBatch,
  encodeObsoleteVerifier,
  encodeRollbackBatches,
  encodeSetForceBatchTimeout,
  encodeSetTrustedAggregator,
  encodeSetTrustedAggregatorTimeout,
  encodeSetTrustedSequencer,
  encodeTransferAdminRole,
  encodeUpdateProgram,
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
} from "../../../core/l1/calls.ts";
import {
  readRollupParameters,
  readRollupState,
  readSequencedBatch,
  readVerifiedBatch,
  readVerifier,
} from "../../../core/l1/rollup_views.ts";
import { decodeRollupEvent, type RollupEvent } from "../../../core/l1/events.ts";
import {
  type Address,
  type Hash32,
  hash32,
  type Hex,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import {
  batchOf,
  claimOf,
  force,
  provenClaim,
  refusalOf,
  type RollupWorld,
  sequence,
  sequenceOf,
  verify,
} from "./scenario.ts";
import {
  ADMIN,
  AGGREGATOR,
  COINBASE,
  createRollupWorld,
  SEQUENCER,
  START_SEC,
  STRANGER,
} from "./world.ts";

const WEEK_SEC = 604_800n;
const PROGRAM: Hash32 = hash32(`0x${"ab".repeat(32)}`);
const OTHER_PROGRAM: Hash32 = hash32(`0x${"cd".repeat(32)}`);

Deno.test("setTrustedSequencer() and setTrustedAggregator() hand the role over at once", async () => {
  const world = await createRollupWorld();
  assertEquals(await announced(world, encodeSetTrustedSequencer(STRANGER)), [
    setting("SetTrustedSequencer", STRANGER),
  ]);
  assertEquals(await announced(world, encodeSetTrustedAggregator(COINBASE)), [
    setting("SetTrustedAggregator", COINBASE),
  ]);
  const parameters = await readRollupParameters(world.client, world.rollup);
  assertEquals([parameters.trustedSequencer, parameters.trustedAggregator], [STRANGER, COINBASE]);
  const data = await encodeSequence(world, sequenceOf([batchOf()]));
  assertEquals(await refusalOf(world, SEQUENCER, data), "OnlyTrustedSequencer");
  assertEquals(await refusalOf(world, STRANGER, data), undefined);
  const own = async (prover: Address) =>
    encodeVerifyBatchesTrustedAggregator(await provenClaim(world, claimOf(0n, 1n), prover));
  const old = await refusalOf(world, AGGREGATOR, await own(AGGREGATOR));
  assertEquals(old, "OnlyTrustedAggregator");
  assertEquals(await refusalOf(world, COINBASE, await own(COINBASE)), undefined);
});

Deno.test("both timeouts only go down outside the emergency state, and are a week at most", async () => {
  const world = await createRollupWorld();
  const cases = [
    {
      encode: encodeSetTrustedAggregatorTimeout,
      now: 3_600n,
      above: "TrustedAggregatorTimeoutExceedHaltAggregationTimeout",
      notLower: "NewTrustedAggregatorTimeoutMustBeLower",
      eventName: "SetTrustedAggregatorTimeout",
    },
    {
      encode: encodeSetForceBatchTimeout,
      now: 7_200n,
      above: "InvalidRangeForceBatchTimeout",
      notLower: "InvalidRangeForceBatchTimeout",
      eventName: "SetForceBatchTimeout",
    },
  ];
  for (const { encode, now, above, notLower, eventName } of cases) {
    const ask = (timeoutSec: bigint) => refusalOf(world, ADMIN, encode(timeoutSec));
    for (const timeoutSec of [WEEK_SEC + 1n, (1n << 64n) - 1n]) {
      assertEquals(await ask(timeoutSec), above);
    }
    for (const timeoutSec of [WEEK_SEC, now + 1n, now]) {
      assertEquals(await ask(timeoutSec), notLower);
    }
    assertEquals(await announced(world, encode(now - 1n)), [setting(eventName, `${now - 1n}`)]);
    assertEquals(await ask(now - 1n), notLower);
    await announced(world, encodeActivateEmergencyState(0n));
    assertEquals(await ask(WEEK_SEC + 1n), above);
    assertEquals(await ask(WEEK_SEC), undefined);
    await announced(world, encodeDeactivateEmergencyState());
  }
  const parameters = await readRollupParameters(world.client, world.rollup);
  const { trustedAggregatorTimeoutSec, forceBatchTimeoutSec } = parameters;
  assertEquals([trustedAggregatorTimeoutSec, forceBatchTimeoutSec], [WEEK_SEC, WEEK_SEC]);
});

Deno.test("transferAdminRole() changes nothing until the successor accepts, once", async () => {
  const world = await createRollupWorld();
  const offered = await announced(world, encodeTransferAdminRole(STRANGER));
  assertEquals(offered, [setting("TransferAdminRole", STRANGER)]);
  const rename = encodeSetTrustedSequencer(SEQUENCER);
  assertEquals(await refusalOf(world, STRANGER, rename), "OnlyAdmin");
  assertEquals(await refusalOf(world, COINBASE, encodeAcceptAdminRole()), "OnlyPendingAdmin");
  // The admin may change its mind.
  await announced(world, encodeTransferAdminRole(COINBASE));
  assertEquals(await refusalOf(world, STRANGER, encodeAcceptAdminRole()), "OnlyPendingAdmin");
  const accepted = await announced(world, encodeAcceptAdminRole(), COINBASE);
  assertEquals(accepted, [setting("AcceptAdminRole", COINBASE)]);
  assertEquals(await refusalOf(world, ADMIN, rename), "OnlyAdmin");
  assertEquals(await refusalOf(world, COINBASE, encodeAcceptAdminRole()), "OnlyPendingAdmin");
  assertEquals(await refusalOf(world, COINBASE, rename), undefined);
});

Deno.test("activateEmergencyState() stops all but the trusted aggregator and the admin", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  await sequence(world);
  world.setTime(START_SEC + 3_600n);
  const activated = await announced(world, encodeActivateEmergencyState(99n));
  assertEquals(activated, [{ kind: "emergency", active: true }]);
  assertEquals((await readRollupState(world.client, world.rollup)).isEmergencyState, true);
  const batch = batchOf({ timestampSec: world.now() });
  const sequenceNext = await encodeSequence(world, sequenceOf([batch], 2n));
  assertEquals(await refusalOf(world, SEQUENCER, sequenceNext), "OnlyNotEmergencyState");
  const forced = await refusalOf(world, STRANGER, encodeForceBatch(Uint8Array.of(1)));
  assertEquals(forced, "ForceBatchesNotAllowedOnEmergencyState");
  const open = encodeVerifyBatches(await provenClaim(world, claimOf(0n, 1n), STRANGER));
  assertEquals(await refusalOf(world, STRANGER, open), "OnlyNotEmergencyState");
  const again = await refusalOf(world, ADMIN, encodeActivateEmergencyState(0n));
  assertEquals(again, "OnlyNotEmergencyState");
  await verify(world, 0n, 1n);
  const over = await announced(world, encodeDeactivateEmergencyState());
  assertEquals(over, [{ kind: "emergency", active: false }]);
  const twice = await refusalOf(world, ADMIN, encodeDeactivateEmergencyState());
  assertEquals(twice, "OnlyEmergencyState");
  assertEquals(await refusalOf(world, SEQUENCER, sequenceNext), undefined);
});

Deno.test("activateEmergencyState() is open to anyone when a batch has waited a week", async () => {
  const world = await createRollupWorld();
  await sequence(world, [0, 0]);
  await sequence(world, [0, 0]);
  await verify(world, 0n, 2n);
  world.setTime(START_SEC + WEEK_SEC - 1n);
  const ask = (batch: bigint) => refusalOf(world, STRANGER, encodeActivateEmergencyState(batch));
  assertEquals(await ask(4n), "HaltTimeoutNotExpired");
  world.setTime(START_SEC + WEEK_SEC);
  for (const verified of [0n, 1n, 2n]) assertEquals(await ask(verified), "BatchAlreadyVerified");
  for (const unknown of [3n, 5n, (1n << 64n) - 1n]) {
    assertEquals(await ask(unknown), "BatchNotSequencedOrNotSequenceEnd");
  }
  assertEquals(await ask(4n), undefined);
  const end = await refusalOf(world, STRANGER, encodeDeactivateEmergencyState());
  assertEquals(end, "OnlyAdmin");
});

Deno.test("activateEmergencyState() is not open again before a week has passed since the last", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  const endSec = START_SEC + WEEK_SEC;
  world.setTime(endSec);
  const data = encodeActivateEmergencyState(1n);
  const ask = (from: Address) => world.attempt(() => refusalOf(world, from, data));
  assertEquals(await refusalOf(world, STRANGER, data), undefined);
  await announced(world, encodeDeactivateEmergencyState());
  for (const timeSec of [endSec, endSec + WEEK_SEC - 1n]) {
    world.setTime(timeSec);
    assertEquals(await ask(STRANGER), "HaltTimeoutNotExpired");
    assertEquals(await ask(ADMIN), undefined);
  }
  world.setTime(endSec + WEEK_SEC);
  assertEquals(await ask(STRANGER), undefined);
});

Deno.test("obsoleteVerifier() switches verification off until there is another verifier", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  const good = encodeVerifyBatchesTrustedAggregator(await provenClaim(world, claimOf(0n, 1n)));
  const add = async (program: Hash32, verifier: Address) =>
    await refusalOf(world, ADMIN, encodeAddVerifier(program, verifier));
  const { verifier } = world.parameters;
  assertEquals(await add(PROGRAM, verifier), "VerifierAlreadyExists");
  const off = (program: Hash32) => refusalOf(world, ADMIN, encodeObsoleteVerifier(program));
  assertEquals(await off(OTHER_PROGRAM), "VerifierDoesNotExist");
  assertEquals(await announced(world, encodeObsoleteVerifier(PROGRAM)), [
    setting("ObsoleteVerifier", PROGRAM),
  ]);
  assertEquals(await off(PROGRAM), "VerifierObsolete");
  assertEquals(await refusalOf(world, AGGREGATOR, good), "VerifierObsolete");
  world.setTime(START_SEC + 3_600n);
  const open = encodeVerifyBatches(await provenClaim(world, claimOf(0n, 1n), STRANGER));
  assertEquals(await refusalOf(world, STRANGER, open), "VerifierObsolete");
  assertEquals(await add(PROGRAM, STRANGER), "VerifierDoesNotExist");
  const fresh = await world.deploy(encodeDeployMockVerifier());
  assertEquals(await announced(world, encodeAddVerifier(PROGRAM, fresh)), [
    setting("AddVerifier", `${PROGRAM} ${fresh} mock`),
  ]);
  assertEquals(await readVerifier(world.client, world.rollup, PROGRAM), {
    verifier: fresh,
    isObsolete: false,
    proofKind: "mock",
  });
  assertEquals(await readVerifier(world.client, world.rollup, OTHER_PROGRAM), undefined);
  assertEquals(await refusalOf(world, AGGREGATOR, good), undefined);
});

Deno.test("updateProgram() lets another program prove from the last verified batch on", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  await sequence(world);
  await verify(world, 0n, 1n);
  const update = encodeUpdateProgram(OTHER_PROGRAM);
  assertEquals(await refusalOf(world, ADMIN, update), "VerifierDoesNotExist");
  const fresh = await world.deploy(encodeDeployMockVerifier());
  await announced(world, encodeAddVerifier(OTHER_PROGRAM, fresh));
  assertEquals(await refusalOf(world, ADMIN, update), "AllSequencedBatchesMustBeVerified");
  await verify(world, 1n, 2n);
  await announced(world, encodeObsoleteVerifier(OTHER_PROGRAM));
  assertEquals(await refusalOf(world, ADMIN, update), "VerifierObsolete");
  await announced(world, encodeAddVerifier(OTHER_PROGRAM, fresh));
  await sequence(world);
  await announced(world, encodeRollbackBatches(2n));
  const ofOldProgram = await world.attempt(async () => {
    await sequence(world);
    return await provenClaim(world, claimOf(2n, 3n));
  });
  assertEquals(await announced(world, update), [
    setting("UpdateProgram", `2 ${OTHER_PROGRAM}`),
  ]);
  const parameters = await readRollupParameters(world.client, world.rollup);
  assertEquals([parameters.programHash, parameters.verifier], [OTHER_PROGRAM, fresh]);
  await sequence(world);
  const ask = (call: Parameters<typeof encodeVerifyBatches>[0]) =>
    refusalOf(world, AGGREGATOR, encodeVerifyBatchesTrustedAggregator(call));
  assertEquals(await ask(claimOf(1n, 3n)), "InitBatchMustMatchCurrentForkID");
  assertEquals(await ask(claimOf(0n, 3n)), "InitBatchMustMatchCurrentForkID");
  assertEquals(await ask(ofOldProgram), "InvalidProof");
  await verify(world, 2n, 3n);
});

Deno.test("a batch keeps the kind of proof that its verifier had when it was added", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  // A verifier that says yes to everything and has no kind any more.
  await world.setCode(world.parameters.verifier, "0x60015f5260205ff3");
  const claim = encodeVerifyBatchesTrustedAggregator(claimOf(0n, 1n));
  assertEquals(await refusalOf(world, AGGREGATOR, claim), undefined);
  const record = await readVerifiedBatch(world.client, world.rollup, batchNumber(1n));
  assertEquals(record?.proofKind, "mock");
});

Deno.test("rollbackBatches() restores exactly what was there after the target batch", async () => {
  const world = await createRollupWorld();
  await force(world, 5);
  const states = [await readRollupState(world.client, world.rollup)];
  const sizes = [[1, 0], [0], [2], [0, 1]];
  for (const counts of sizes) {
    world.setTime(world.now() + 12n);
    await sequence(world, counts);
    states.push(await readRollupState(world.client, world.rollup));
  }
  const ends = [0n, 2n, 3n, 4n, 6n];
  const records = await Promise.all(ends.map((end) => recordOf(world, end)));
  for (const [index, target] of ends.entries()) {
    if (target === 6n) continue;
    await world.attempt(async () => {
      assertEquals(await announced(world, encodeRollbackBatches(target)), [{
        kind: "rolledBack",
        targetBatch: batchNumber(target),
        accInputHash: records[index]?.accInputHash ?? ZERO_HASH,
      }]);
      assertEquals(await readRollupState(world.client, world.rollup), states[index]);
      for (const [at, end] of ends.entries()) {
        assertEquals(await recordOf(world, end), end <= target ? records[at] : undefined);
      }
    });
  }
});

Deno.test("rollbackBatches() refuses verified batches, the future and the middle of a sequence", async () => {
  const world = await createRollupWorld();
  await sequence(world, [0, 0]);
  await sequence(world, [0, 0]);
  await sequence(world, [0, 0]);
  await verify(world, 0n, 2n);
  const ask = (target: bigint) => refusalOf(world, ADMIN, encodeRollbackBatches(target));
  for (const target of [0n, 1n, 6n, 7n, (1n << 64n) - 1n]) {
    assertEquals(await ask(target), "RollbackBatchIsNotValid");
  }
  for (const target of [3n, 5n]) assertEquals(await ask(target), "RollbackBatchIsNotEndOfSequence");
  assertEquals(await ask(2n), undefined);
  assertEquals(await ask(2n), "RollbackBatchIsNotValid");
  // What was sequenced before is proven no more: the place is taken by other batches.
  await sequence(world, [0]);
  const stale = encodeVerifyBatchesTrustedAggregator(claimOf(2n, 4n));
  assertEquals(await refusalOf(world, AGGREGATOR, stale), "NewAccInputHashDoesNotExist");
  await verify(world, 2n, 3n);
});

Deno.test("a proof of batches that were rolled back is worth nothing for others of their number", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  const proven = encodeVerifyBatchesTrustedAggregator(await provenClaim(world, claimOf(0n, 1n)));
  await announced(world, encodeRollbackBatches(0n));
  world.setTime(START_SEC + 1n);
  await sequence(world);
  assertEquals(await refusalOf(world, AGGREGATOR, proven), "InvalidProof");
});

/** Sends as the admin unless told otherwise, and gives what the contract announced. */
async function announced(world: RollupWorld, data: Hex, from: Address = ADMIN) {
  const { logs } = await world.mustSend({ from, to: world.rollup, data });
  return logs.map((log): Omit<RollupEvent, "at"> | undefined => {
    const event = decodeRollupEvent({ ...log, ...POSITION });
    if (event === undefined) return undefined;
    const { at: _at, ...rest } = event;
    return rest;
  });
}

const POSITION = {
  address: STRANGER,
  blockNumber: 1n,
  blockHash: ZERO_HASH,
  transactionHash: ZERO_HASH,
  logIndex: 0n,
};

function setting(name: string, value: string) {
  return { kind: "setting" as const, name, value };
}

function recordOf(world: RollupWorld, number: bigint) {
  return readSequencedBatch(world.client, world.rollup, batchNumber(number));
}
