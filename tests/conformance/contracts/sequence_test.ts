import { assertEquals } from "@std/assert";
import { encodeFunctionData } from "viem/utils";
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
} from "../../../core/batching/acc_input_hash.ts";
import {
  encodeDeployMockVerifier,
  encodeDeployRollup,
  encodeSequenceBatches,
  readRollupParameters,
  readRollupState,
  readSequencedBatch,
  type RollupParameters,
} from "../../../core/l1/calls.ts";
import { ROLLUP_ABI } from "../../../core/l1/contracts/generated.ts";
import { decodeRollupEvent } from "../../../core/l1/events.ts";
import {
  MAX_BATCHES_PER_SEQUENCE,
  type SequenceBatchesCall,
} from "../../../core/l1/sequence_calldata.ts";
import { hash32, ZERO_HASH } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import {
  AGGREGATOR,
  COINBASE,
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
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
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
    encodeDeployRollup({ ...rollupParameters(verifier), trustedAggregatorTimeoutSec: 604_800n }),
  );
});

Deno.test("sequenceBatches() chains every batch and keeps the last of each call", async () => {
  const world = await createRollupWorld();
  const first = sequence([1, 2, 3], { maxSequenceTimestampSec: START_SEC + 36n });
  const outcome = await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: encodeSequenceBatches(first),
  });
  const [log] = outcome.logs;
  assertEquals(outcome.logs.length, 1);
  assertEquals(log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION }), {
    kind: "sequenced",
    lastBatch: batchNumber(3n),
    l1InfoRoot: EMPTY_L1_TO_L2_ROLLING_HASH,
    at: { ...AT },
  });
  const afterFirst = accOf(GENESIS_ACC_INPUT_HASH, first);
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(3n)), {
    accInputHash: afterFirst,
    sequencedTimestampSec: START_SEC,
    previousLastBatchSequenced: batchNumber(0n),
  });
  for (const inner of [1n, 2n]) {
    const record = await readSequencedBatch(world.client, world.rollup, batchNumber(inner));
    assertEquals(record, undefined);
  }
  world.setTime(START_SEC + 12n);
  const second = sequence([0], {
    initSequencedBatch: batchNumber(3n),
    maxSequenceTimestampSec: START_SEC + 36n,
  });
  await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: encodeSequenceBatches(second),
  });
  assertEquals(await readSequencedBatch(world.client, world.rollup, batchNumber(4n)), {
    accInputHash: accOf(afterFirst, second),
    sequencedTimestampSec: START_SEC + 12n,
    previousLastBatchSequenced: batchNumber(3n),
  });
  assertEquals(await readRollupState(world.client, world.rollup), {
    lastBatchSequenced: batchNumber(4n),
    lastVerifiedBatch: batchNumber(0n),
    lastMaxSequenceTimestampSec: START_SEC + 36n,
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
  });
});

Deno.test("sequenceBatches() refuses what breaks a rule, with the rule's name", async () => {
  const world = await createRollupWorld();
  await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: encodeSequenceBatches(sequence([1], { maxSequenceTimestampSec: START_SEC })),
  });
  const next = { initSequencedBatch: batchNumber(1n) };
  const tooLong = LIMITS.maxBatchDataBytes + 1;
  const cases: readonly (readonly [string, SequenceBatchesCall])[] = [
    ["SequenceZeroBatches", sequence([], next)],
    ["ExceedMaxVerifyBatches", sequence(Array(MAX_BATCHES_PER_SEQUENCE + 1).fill(0), next)],
    [
      "MaxTimestampSequenceInvalid",
      sequence([1], {
        ...next,
        maxSequenceTimestampSec: START_SEC + LIMITS.maxSequenceTimestampLeadSec + 1n,
      }),
    ],
    ["InitSequencedBatchDoesNotMatch", sequence([1], { initSequencedBatch: batchNumber(0n) })],
    ["InitSequencedBatchDoesNotMatch", sequence([1], { initSequencedBatch: batchNumber(2n) })],
    [
      "SequencedTimestampInvalid",
      sequence([1], { ...next, maxSequenceTimestampSec: START_SEC - 1n }),
    ],
    ["TransactionsLengthAboveMax", sequence([tooLong], next)],
    ["TransactionsLengthAboveMax", sequence([1, tooLong], next)],
  ];
  for (const [errorName, call] of cases) {
    const data = encodeSequenceBatches(call);
    const outcome = await world.send({ from: SEQUENCER, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName });
  }
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastBatchSequenced, batchNumber(1n));
});

Deno.test("sequenceBatches() accepts the longest batch and the longest sequence", async () => {
  const world = await createRollupWorld();
  const longest = sequence([LIMITS.maxBatchDataBytes], {});
  const from = { from: SEQUENCER, to: world.rollup };
  await world.mustSend({ ...from, data: encodeSequenceBatches(longest) });
  const most = sequence(Array(MAX_BATCHES_PER_SEQUENCE).fill(0), {
    initSequencedBatch: batchNumber(1n),
  });
  await world.mustSend({ ...from, data: encodeSequenceBatches(most) });
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastBatchSequenced, batchNumber(1001n));
});

Deno.test("sequenceBatches() refuses forced data while there is no queue", async () => {
  const world = await createRollupWorld();
  const word = hash32(`0x${"00".repeat(31)}01`);
  const plain = {
    transactions: "0x",
    forcedGlobalExitRoot: ZERO_HASH,
    forcedTimestamp: 0n,
    forcedBlockHashL1: ZERO_HASH,
  } as const;
  const forced = [
    { ...plain, forcedGlobalExitRoot: word },
    { ...plain, forcedTimestamp: 1n },
    { ...plain, forcedBlockHashL1: word },
  ];
  for (const batch of forced) {
    const data = encodeFunctionData({
      abi: ROLLUP_ABI,
      functionName: "sequenceBatches",
      args: [[batch], START_SEC, 0n, COINBASE],
    });
    const outcome = await world.send({ from: SEQUENCER, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName: "ForcedDataDoesNotMatch" });
  }
});

Deno.test("sequenceBatches() takes only a direct call of the trusted sequencer", async () => {
  const world = await createRollupWorld();
  const data = encodeSequenceBatches(sequence([1], {}));
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
  change: Partial<SequenceBatchesCall>,
): SequenceBatchesCall {
  return {
    batches: sizesBytes.map((sizeBytes, index) => new Uint8Array(sizeBytes).fill(index + 1)),
    maxSequenceTimestampSec: START_SEC,
    initSequencedBatch: batchNumber(0n),
    l2Coinbase: COINBASE,
    ...change,
  };
}

/** The accInputHash after all batches of `call`. */
function accOf(oldAccInputHash: typeof ZERO_HASH, call: SequenceBatchesCall) {
  let acc = oldAccInputHash;
  for (const batchData of call.batches) {
    acc = accInputHash({
      oldAccInputHash: acc,
      batchData,
      l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
      limitTimestampSec: call.maxSequenceTimestampSec,
      coinbase: call.l2Coinbase,
    });
  }
  return acc;
}
