import { assertEquals } from "@std/assert";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../../core/batching/acc_input_hash.ts";
import {
  encodeActivateEmergencyState,
  encodeDeactivateEmergencyState,
  encodeForceBatch,
  encodeRollbackBatches,
  encodeSequenceForceBatches,
  encodeSetForceBatchTimeout,
  encodeVerifyBatches,
} from "../../../core/l1/calls.ts";
import {
  readQueuedOperation,
  readRollupState,
  readSequencedBatch,
} from "../../../core/l1/rollup_views.ts";
import { decodeRollupEvent } from "../../../core/l1/events.ts";
import { type Hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
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
} from "./scenario.ts";
import { ADMIN, COINBASE, createRollupWorld, SEQUENCER, START_SEC, STRANGER } from "./world.ts";

const WEEK_SEC = 604_800n;
/** `forceBatchTimeout` of the worlds here. */
const TIMEOUT_SEC = 7_200n;
const DEADLINE_SEC = START_SEC + TIMEOUT_SEC;

Deno.test("forceBatch() chains every operation and announces it with its deadline", async () => {
  const world = await createRollupWorld();
  let rollingHash = EMPTY_L1_TO_L2_ROLLING_HASH;
  for (const number of [1n, 2n, 3n]) {
    world.setTime(START_SEC + number);
    const transaction = new Uint8Array(Number(number) * 40).fill(Number(number));
    rollingHash = rollOperation(rollingHash, transaction);
    // A contract may send too: who signed the L1 transaction is of no interest.
    const { logs } = await world.mustSend({
      from: STRANGER,
      origin: COINBASE,
      to: world.rollup,
      data: encodeForceBatch(transaction),
    });
    const [log] = logs;
    assertEquals(log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION }), {
      kind: "operation",
      number,
      rollingHash,
      sender: STRANGER,
      deadlineSec: DEADLINE_SEC + number,
      transaction,
      at: { ...AT },
    });
    assertEquals(await readQueuedOperation(world.client, world.rollup, number), {
      rollingHash,
      deadlineSec: DEADLINE_SEC + number,
    });
  }
  for (const number of [0n, 4n]) {
    assertEquals(await readQueuedOperation(world.client, world.rollup, number), undefined);
  }
  const state = await readRollupState(world.client, world.rollup);
  assertEquals([state.lastForceBatch, state.lastForceBatchSequenced], [3n, 0n]);
  assertEquals(state.l1ToL2RollingHash, EMPTY_L1_TO_L2_ROLLING_HASH);
});

Deno.test("forceBatch() takes 1 to 5,000 bytes of anything", async () => {
  const world = await createRollupWorld();
  const cases = [
    [0, "TransactionsLengthAboveMax"],
    [1, undefined],
    [LIMITS.maxOperationBytes, undefined],
    [LIMITS.maxOperationBytes + 1, "TransactionsLengthAboveMax"],
  ] as const;
  for (const [sizeBytes, answer] of cases) {
    const data = encodeForceBatch(new Uint8Array(sizeBytes).fill(0xff));
    assertEquals(await refusalOf(world, STRANGER, data), answer);
  }
});

Deno.test("forceBatch() gives no deadline before that of an earlier operation", async () => {
  const world = await createRollupWorld();
  await force(world);
  const lower = { from: ADMIN, to: world.rollup, data: encodeSetForceBatchTimeout(60n) };
  await world.mustSend(lower);
  await force(world);
  world.setTime(DEADLINE_SEC);
  await force(world);
  assertEquals(await deadlines(world), [DEADLINE_SEC, DEADLINE_SEC, DEADLINE_SEC + 60n]);
});

Deno.test("sequenceBatches() binds each batch to the operations up to it", async () => {
  const world = await createRollupWorld();
  await force(world, 6);
  const call = sequenceOf([1n, 0n, 3n].map((operationCount) => batchOf({ operationCount })));
  const { logs } = await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: await encodeSequence(world, call),
  });
  const [afterOne, afterFour] = [await rollingHash(world, 1n), await rollingHash(world, 4n)];
  let acc = GENESIS_ACC_INPUT_HASH;
  for (const l1ToL2RollingHash of [afterOne, afterOne, afterFour]) {
    acc = accInputHash({
      oldAccInputHash: acc,
      batchData: Uint8Array.of(1),
      l1ToL2RollingHash,
      limitTimestampSec: START_SEC,
      coinbase: COINBASE,
    });
  }
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(3n)), {
    accInputHash: acc,
    sequencedTimestampSec: START_SEC,
    previousLastBatchSequenced: batchNumber(0n),
    maxSequenceTimestampSec: START_SEC,
    lastForceBatchSequenced: 4n,
  });
  const [log] = logs;
  const event = log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION });
  assertEquals(event?.kind === "sequenced" ? event.l1InfoRoot : undefined, afterFour);
  const state = await readRollupState(world.client, world.rollup);
  assertEquals([state.lastForceBatchSequenced, state.l1ToL2RollingHash], [4n, afterFour]);
});

Deno.test("sequenceBatches() consumes at most 50 operations a batch, and only queued ones", async () => {
  const world = await createRollupWorld();
  const most = LIMITS.maxOperationsPerBatch;
  await force(world, most + 3);
  const cases: readonly (readonly [readonly number[], string | undefined])[] = [
    [[most + 1], "OperationCountAboveMax"],
    [[1, most + 1], "OperationCountAboveMax"],
    [[most, 4], "ForceBatchesOverflow"],
    [[2, 1, most, 1], "ForceBatchesOverflow"],
    [[most, 3], undefined],
  ];
  for (const [counts, answer] of cases) {
    const call = sequenceOf(counts.map((each) => batchOf({ operationCount: BigInt(each) })));
    assertEquals(await refusalOf(world, SEQUENCER, await encodeSequence(world, call)), answer);
  }
  const huge = sequenceOf([batchOf({ operationCount: (1n << 64n) - 1n })], 2n);
  const answer = await refusalOf(world, SEQUENCER, await encodeSequence(world, huge));
  assertEquals(answer, "OperationCountAboveMax");
});

Deno.test("sequenceBatches() leaves no operation in the queue once its deadline has passed", async () => {
  const world = await createRollupWorld();
  await force(world, 3);
  world.setTime(START_SEC + 10n);
  await force(world);
  const attempt = async (...counts: number[]) => {
    const batches = counts.map((each) =>
      batchOf({ operationCount: BigInt(each), timestampSec: world.now() })
    );
    const data = await encodeSequence(world, sequenceOf(batches));
    return await world.attempt(() => refusalOf(world, SEQUENCER, data));
  };
  world.setTime(DEADLINE_SEC - 1n);
  assertEquals(await attempt(0), undefined);
  world.setTime(DEADLINE_SEC);
  for (const counts of [[0], [1], [2], [0, 2], [1, 1]]) {
    assertEquals(await attempt(...counts), "ForceBatchDeadlinePassed", counts.join());
  }
  // The call as a whole counts: a batch before may still consume none.
  for (const counts of [[3], [0, 3], [1, 2], [4]]) {
    assertEquals(await attempt(...counts), undefined, counts.join());
  }
  world.setTime(DEADLINE_SEC + 10n);
  assertEquals(await attempt(3), "ForceBatchDeadlinePassed");
  assertEquals(await attempt(4), undefined);
});

Deno.test("sequenceForceBatches() sequences overdue operations for anyone", async () => {
  const world = await createRollupWorld();
  await sequence(world);
  await force(world, 3);
  const before = await readSequencedBatch(world.client, world.rollup, batchNumber(1n));
  world.setTime(DEADLINE_SEC);
  const { logs } = await world.mustSend({
    from: STRANGER,
    origin: COINBASE,
    to: world.rollup,
    data: encodeSequenceForceBatches(2n),
  });
  const acc = accInputHash({
    oldAccInputHash: before?.accInputHash ?? ZERO_HASH,
    batchData: new Uint8Array(0),
    l1ToL2RollingHash: await rollingHash(world, 2n),
    limitTimestampSec: DEADLINE_SEC,
    coinbase: STRANGER,
  });
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(2n)), {
    accInputHash: acc,
    sequencedTimestampSec: DEADLINE_SEC,
    previousLastBatchSequenced: batchNumber(1n),
    maxSequenceTimestampSec: DEADLINE_SEC,
    lastForceBatchSequenced: 2n,
  });
  const [log] = logs;
  assertEquals(log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION }), {
    kind: "forceSequenced",
    lastBatch: batchNumber(2n),
    lastOperation: 2n,
    timestampSec: DEADLINE_SEC,
    coinbase: STRANGER,
    at: { ...AT },
  });
  // The sequencer goes on after it, in time too, and still owes the third operation.
  const next = (timestampSec: bigint, operationCount: bigint) =>
    encodeSequence(world, sequenceOf([batchOf({ timestampSec, operationCount })], 2n));
  const answers = [
    await refusalOf(world, SEQUENCER, await next(DEADLINE_SEC - 1n, 1n)),
    await refusalOf(world, SEQUENCER, await next(DEADLINE_SEC, 0n)),
    await refusalOf(world, SEQUENCER, await next(DEADLINE_SEC, 1n)),
  ];
  assertEquals(answers, ["SequencedTimestampInvalid", "ForceBatchDeadlinePassed", undefined]);
});

Deno.test("sequenceForceBatches() refuses what the sequencer may still do, and what nobody may", async () => {
  const world = await createRollupWorld();
  await force(world, 2);
  world.setTime(START_SEC + 1n);
  await force(world, LIMITS.maxOperationsPerBatch);
  const attempt = (count: bigint) =>
    world.attempt(() => refusalOf(world, STRANGER, encodeSequenceForceBatches(count)));
  world.setTime(DEADLINE_SEC - 1n);
  assertEquals(await attempt(1n), "ForceBatchTimeoutNotExpired");
  world.setTime(DEADLINE_SEC);
  assertEquals(await attempt(2n), undefined);
  assertEquals(await attempt(3n), "ForceBatchTimeoutNotExpired");
  world.setTime(DEADLINE_SEC + 1n);
  assertEquals(await attempt(0n), "SequenceZeroBatches");
  assertEquals(await attempt(50n), undefined);
  assertEquals(await attempt(51n), "OperationCountAboveMax");
  assertEquals(await attempt((1n << 64n) - 1n), "OperationCountAboveMax");
  await world.mustSend({
    from: STRANGER,
    to: world.rollup,
    data: encodeSequenceForceBatches(50n),
  });
  // L2 time must go on, so there is one forced batch in an L1 block.
  assertEquals(await attempt(2n), "SequencedTimestampInvalid");
  world.setTime(DEADLINE_SEC + 2n);
  assertEquals(await attempt(3n), "ForceBatchesOverflow");
  assertEquals(await attempt(2n), undefined);
});

Deno.test("sequenceForceBatches() waits for the time that the sequencer has promised its blocks", async () => {
  const world = await createRollupWorld();
  world.setTime(DEADLINE_SEC - 1n);
  const ahead = batchOf({ timestampSec: world.now() + LIMITS.maxSequenceTimestampLeadSec });
  const data = await encodeSequence(world, sequenceOf([ahead]));
  await world.mustSend({ from: SEQUENCER, to: world.rollup, data });
  world.setTime(START_SEC);
  await force(world);
  const forced = encodeSequenceForceBatches(1n);
  for (
    const [timeSec, answer] of [
      [ahead.timestampSec, "SequencedTimestampInvalid"],
      [ahead.timestampSec + 1n, undefined],
    ] as const
  ) {
    world.setTime(timeSec);
    assertEquals(await refusalOf(world, STRANGER, forced), answer);
  }
});

Deno.test("sequenceForceBatches() gives the sequencer a week after an emergency", async () => {
  const world = await createRollupWorld();
  await force(world);
  const admin = { from: ADMIN, to: world.rollup };
  await world.mustSend({ ...admin, data: encodeActivateEmergencyState(0n) });
  world.setTime(DEADLINE_SEC);
  const forced = encodeSequenceForceBatches(1n);
  assertEquals(await refusalOf(world, STRANGER, forced), "OnlyNotEmergencyState");
  await world.mustSend({ ...admin, data: encodeDeactivateEmergencyState() });
  world.setTime(DEADLINE_SEC + WEEK_SEC - 1n);
  const early = await refusalOf(world, STRANGER, forced);
  assertEquals(early, "HaltTimeoutNotExpiredAfterEmergencyState");
  world.setTime(DEADLINE_SEC + WEEK_SEC);
  assertEquals(await refusalOf(world, STRANGER, forced), undefined);
});

Deno.test("sequenceBatches() may leave overdue operations for a week after an emergency", async () => {
  const world = await createRollupWorld();
  await force(world, 2);
  const admin = { from: ADMIN, to: world.rollup };
  const attempt = (operationCount: bigint) =>
    world.attempt(async () => {
      const batch = batchOf({ timestampSec: world.now(), operationCount });
      return await refusalOf(world, SEQUENCER, await encodeSequence(world, sequenceOf([batch])));
    });
  world.setTime(DEADLINE_SEC);
  assertEquals(await attempt(0n), "ForceBatchDeadlinePassed");
  await world.mustSend({ ...admin, data: encodeActivateEmergencyState(0n) });
  world.setTime(DEADLINE_SEC + TIMEOUT_SEC);
  assertEquals(await attempt(2n), "OnlyNotEmergencyState");
  await world.mustSend({ ...admin, data: encodeDeactivateEmergencyState() });
  const endSec = DEADLINE_SEC + TIMEOUT_SEC + WEEK_SEC;
  for (const timeSec of [world.now(), endSec - 1n]) {
    world.setTime(timeSec);
    for (const count of [0n, 1n, 2n]) assertEquals(await attempt(count), undefined);
  }
  world.setTime(endSec);
  for (const count of [0n, 1n]) assertEquals(await attempt(count), "ForceBatchDeadlinePassed");
  assertEquals(await attempt(2n), undefined);
});

Deno.test("a forced batch can be verified by anyone after the aggregator's timeout", async () => {
  const world = await createRollupWorld();
  await force(world);
  world.setTime(DEADLINE_SEC);
  const data = encodeSequenceForceBatches(1n);
  await world.mustSend({ from: STRANGER, to: world.rollup, data });
  const call = encodeVerifyBatches(await provenClaim(world, claimOf(0n, 1n), STRANGER));
  assertEquals(await refusalOf(world, STRANGER, call), "TrustedAggregatorTimeoutNotExpired");
  world.setTime(DEADLINE_SEC + 3_600n);
  assertEquals(await refusalOf(world, STRANGER, call), undefined);
});

Deno.test("rollbackBatches() puts operations back into the queue, overdue ones in force", async () => {
  const world = await createRollupWorld();
  await force(world, 3);
  await sequence(world, [1]);
  await sequence(world, [2]);
  world.setTime(DEADLINE_SEC);
  await sequence(world);
  const data = encodeRollbackBatches(1n);
  await world.mustSend({ from: ADMIN, to: world.rollup, data });
  const state = await readRollupState(world.client, world.rollup);
  assertEquals([state.lastForceBatch, state.lastForceBatchSequenced], [3n, 1n]);
  assertEquals(state.l1ToL2RollingHash, await rollingHash(world, 1n));
  const batch = batchOf({ timestampSec: DEADLINE_SEC, operationCount: 1n });
  const without = await encodeSequence(world, sequenceOf([batch], 1n));
  assertEquals(await refusalOf(world, SEQUENCER, without), "ForceBatchDeadlinePassed");
  await world.mustSend({ from: STRANGER, to: world.rollup, data: encodeSequenceForceBatches(2n) });
});

const AT = { blockNumber: 1n, blockHash: ZERO_HASH, transactionHash: ZERO_HASH, logIndex: 0n };
const POSITION = { ...AT, address: STRANGER };

async function rollingHash(world: RollupWorld, number: bigint): Promise<Hash32> {
  const operation = await readQueuedOperation(world.client, world.rollup, number);
  if (operation === undefined) throw new Error(`operation ${number} is queued`);
  return operation.rollingHash;
}

async function deadlines(world: RollupWorld): Promise<readonly bigint[]> {
  const { lastForceBatch } = await readRollupState(world.client, world.rollup);
  const found: bigint[] = [];
  for (let number = 1n; number <= lastForceBatch; number++) {
    const operation = await readQueuedOperation(world.client, world.rollup, number);
    if (operation !== undefined) found.push(operation.deadlineSec);
  }
  return found;
}
