import { assertEquals } from "@std/assert";
import {
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
} from "../../../core/batching/acc_input_hash.ts";
import {
  encodeDeployMockVerifier,
  encodeDeployRollup,
  encodeSequenceBatches,
  encodeSequenceForceBatches,
  type RollupParameters,
} from "../../../core/l1/calls.ts";
import {
  readRollupParameters,
  readRollupState,
  readSequencedBatch,
} from "../../../core/l1/rollup_views.ts";
import { decodeRollupEvent } from "../../../core/l1/events.ts";
import { MAX_BATCHES_PER_SEQUENCE } from "../../../core/l1/sequence_calldata.ts";
import { hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { encodeSequence, type UnboundSequence } from "../../simulation/l1_actions.ts";
import { accInputHashAfter, batchOf, force, sequenceOf } from "./scenario.ts";
import {
  AGGREGATOR,
  createRollupWorld,
  createWorld,
  GENESIS_ROOT,
  rollupParameters,
  SEQUENCER,
  START_SEC,
  STRANGER,
} from "./world.ts";

Deno.test("Rollup constructor keeps its parameters and starts at batch 0", async () => {
  const { client, rollup, parameters } = await createRollupWorld();
  assertEquals(await readRollupParameters(client, rollup), parameters);
  assertEquals(await readRollupState(client, rollup), {
    lastBatchSequenced: batchNumber(0n),
    lastVerifiedBatch: batchNumber(0n),
    lastMaxSequenceTimestampSec: 0n,
    lastForceBatch: 0n,
    lastForceBatchSequenced: 0n,
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
    isEmergencyState: false,
  });
  assertEquals(await readSequencedBatch(client, rollup, batchNumber(0n)), undefined);
});

Deno.test("Rollup constructor refuses parameters that would stop it", async () => {
  const world = await createWorld();
  const verifier = await world.deploy(encodeDeployMockVerifier());
  const cases: readonly (readonly [string, Partial<RollupParameters>])[] = [
    [
      "TrustedAggregatorTimeoutExceedHaltAggregationTimeout",
      { trustedAggregatorTimeoutSec: 604_801n },
    ],
    ["InvalidRangeForceBatchTimeout", { forceBatchTimeoutSec: 604_801n }],
    ["GenesisStateRootNotInsidePrime", { genesisStateRoot: ZERO_HASH }],
    [
      "GenesisStateRootNotInsidePrime",
      { genesisStateRoot: hash32(`${GENESIS_ROOT.slice(0, -8)}7f000001`) },
    ],
    ["VerifierDoesNotExist", { verifier: STRANGER }],
  ];
  for (const [errorName, change] of cases) {
    const data = encodeDeployRollup({ ...rollupParameters(verifier), ...change });
    assertEquals(await world.send({ from: STRANGER, data }), { kind: "reverted", errorName });
  }
  await world.deploy(
    encodeDeployRollup({
      ...rollupParameters(verifier),
      trustedAggregatorTimeoutSec: 604_800n,
      forceBatchTimeoutSec: 604_800n,
    }),
  );
});

Deno.test("sequenceBatches() chains every batch and keeps the last of each call", async () => {
  const world = await createRollupWorld();
  const first = sequence([1, 2, 3], { timestampSec: START_SEC + 36n });
  const outcome = await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: await encodeSequence(world, first),
  });
  const [log] = outcome.logs;
  assertEquals(outcome.logs.length, 1);
  assertEquals(log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION }), {
    kind: "sequenced",
    lastBatch: batchNumber(3n),
    l1InfoRoot: EMPTY_L1_TO_L2_ROLLING_HASH,
    at: { ...AT },
  });
  const afterFirst = accInputHashAfter(GENESIS_ACC_INPUT_HASH, first);
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(3n)), {
    accInputHash: afterFirst,
    sequencedTimestampSec: START_SEC,
    previousLastBatchSequenced: batchNumber(0n),
    maxSequenceTimestampSec: START_SEC + 36n,
    lastForceBatchSequenced: 0n,
  });
  for (const inner of [1n, 2n]) {
    const record = await readSequencedBatch(world.client, world.rollup, batchNumber(inner));
    assertEquals(record, undefined);
  }
  world.setTime(START_SEC + 12n);
  const second = sequence([0], {
    initSequencedBatch: 3n,
    timestampSec: START_SEC + 36n,
  });
  await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: await encodeSequence(world, second),
  });
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(4n)), {
    accInputHash: accInputHashAfter(afterFirst, second),
    sequencedTimestampSec: START_SEC + 12n,
    previousLastBatchSequenced: batchNumber(3n),
    maxSequenceTimestampSec: START_SEC + 36n,
    lastForceBatchSequenced: 0n,
  });
  assertEquals(await readRollupState(world.client, world.rollup), {
    lastBatchSequenced: batchNumber(4n),
    lastVerifiedBatch: batchNumber(0n),
    lastMaxSequenceTimestampSec: START_SEC + 36n,
    lastForceBatch: 0n,
    lastForceBatchSequenced: 0n,
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
    isEmergencyState: false,
  });
});

Deno.test("sequenceBatches() refuses what breaks a rule, with the rule's name", async () => {
  const world = await createRollupWorld();
  await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: await encodeSequence(world, sequence([1], { timestampSec: START_SEC })),
  });
  const next = { initSequencedBatch: 1n };
  const tooLong = LIMITS.maxBatchDataBytes + 1;
  const cases: readonly (readonly [string, UnboundSequence])[] = [
    ["SequenceZeroBatches", sequence([], next)],
    ["ExceedMaxVerifyBatches", sequence(Array(MAX_BATCHES_PER_SEQUENCE + 1).fill(0), next)],
    [
      "MaxTimestampSequenceInvalid",
      sequence([1], {
        ...next,
        timestampSec: START_SEC + LIMITS.maxSequenceTimestampLeadSec + 1n,
      }),
    ],
    ["InitSequencedBatchDoesNotMatch", sequence([1], { initSequencedBatch: 0n })],
    ["InitSequencedBatchDoesNotMatch", sequence([1], { initSequencedBatch: 2n })],
    [
      "SequencedTimestampInvalid",
      sequence([1], { ...next, timestampSec: START_SEC - 1n }),
    ],
    ["TransactionsLengthAboveMax", sequence([tooLong], next)],
    ["TransactionsLengthAboveMax", sequence([1, tooLong], next)],
  ];
  for (const [errorName, call] of cases) {
    const data = await encodeSequence(world, call);
    const outcome = await world.send({ from: SEQUENCER, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName });
  }
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastBatchSequenced, batchNumber(1n));
});

Deno.test("sequenceBatches() refuses any other expected accInputHash than that after its last batch", async () => {
  const world = await createRollupWorld();
  const wish = sequence([1, 2], {});
  const right = accInputHashAfter(GENESIS_ACC_INPUT_HASH, wish);
  const others = [
    ZERO_HASH,
    accInputHashAfter(GENESIS_ACC_INPUT_HASH, sequence([1], {})),
    accInputHashAfter(GENESIS_ACC_INPUT_HASH, { ...wish, l2Coinbase: STRANGER }),
    accInputHashAfter(right, wish),
  ];
  const message = { from: SEQUENCER, to: world.rollup };
  for (const expectedFinalAccInputHash of others) {
    const data = encodeSequenceBatches({ ...wish, expectedFinalAccInputHash });
    const outcome = await world.send({ ...message, data });
    assertEquals(outcome, { kind: "reverted", errorName: "FinalAccInputHashDoesNotMatch" });
  }
  const data = encodeSequenceBatches({ ...wish, expectedFinalAccInputHash: right });
  await world.mustSend({ ...message, data });
});

Deno.test("sequenceBatches() is not appended to another history of the same length", async () => {
  const world = await createRollupWorld();
  await force(world);
  world.setTime(START_SEC + 7_200n);
  const late = await world.attempt(async () => {
    await world.mustSend({
      from: SEQUENCER,
      to: world.rollup,
      data: await encodeSequence(world, sequenceOf([batchOf({ operationCount: 1n })])),
    });
    // Made behind the sequencer's own batch 1.
    const batch = batchOf({ timestampSec: world.now() });
    return await encodeSequence(world, sequenceOf([batch], 1n));
  });
  // A stranger's batch 1 comes first, with the same operation.
  await world.mustSend({ from: STRANGER, to: world.rollup, data: encodeSequenceForceBatches(1n) });
  const outcome = await world.send({ from: SEQUENCER, to: world.rollup, data: late });
  assertEquals(outcome, { kind: "reverted", errorName: "FinalAccInputHashDoesNotMatch" });
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastBatchSequenced, batchNumber(1n));
});

Deno.test("sequenceBatches() accepts the longest batch and the longest sequence", async () => {
  const world = await createRollupWorld();
  const longest = sequence([LIMITS.maxBatchDataBytes], {});
  const from = { from: SEQUENCER, to: world.rollup };
  await world.mustSend({ ...from, data: await encodeSequence(world, longest) });
  const most = sequence(Array(MAX_BATCHES_PER_SEQUENCE).fill(0), {
    initSequencedBatch: 1n,
  });
  await world.mustSend({ ...from, data: await encodeSequence(world, most) });
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastBatchSequenced, batchNumber(1001n));
});

Deno.test("sequenceBatches() takes only a direct call of the trusted sequencer", async () => {
  const world = await createRollupWorld();
  const data = await encodeSequence(world, sequence([1], {}));
  const to = world.rollup;
  for (const from of [STRANGER, AGGREGATOR]) {
    const outcome = await world.send({ from, origin: SEQUENCER, to, data });
    assertEquals(outcome, { kind: "reverted", errorName: "OnlyTrustedSequencer" });
  }
  // A contract at the sequencer's address, called by someone else.
  const relayed = await world.send({ from: SEQUENCER, origin: STRANGER, to, data });
  assertEquals(relayed, { kind: "reverted", errorName: "OnlyDirectCallOfSequencer" });
  // EIP-7702: the sequencer's own account runs code, which could call with hidden data.
  await world.setCode(SEQUENCER, `0xef0100${"55".repeat(20)}`);
  const delegated = await world.send({ from: SEQUENCER, to, data });
  assertEquals(delegated, { kind: "reverted", errorName: "OnlyDirectCallOfSequencer" });
  await world.setCode(SEQUENCER, "0x");
  await world.mustSend({ from: SEQUENCER, to, data });
});

const AT = {
  blockNumber: 1n,
  blockHash: ZERO_HASH,
  transactionHash: ZERO_HASH,
  logIndex: 0n,
};
const POSITION = { ...AT, address: STRANGER };

/** A call with batches of the given sizes; their bytes are their index. */
function sequence(
  sizesBytes: readonly number[],
  { timestampSec = START_SEC, initSequencedBatch = 0n } = {},
): UnboundSequence {
  return sequenceOf(
    sizesBytes.map((sizeBytes, index) =>
      batchOf({ transactions: new Uint8Array(sizeBytes).fill(index + 1), timestampSec })
    ),
    initSequencedBatch,
  );
}
