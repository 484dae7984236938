import { assertEquals, assertRejects } from "@std/assert";
import { decodeFunctionResult, encodeEventTopics, encodeFunctionData } from "viem/utils";
import { GENESIS_ACC_INPUT_HASH } from "../../../core/batching/acc_input_hash.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import {
  encodeDeployMockVerifier,
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
  type VerifyBatchesCall,
} from "../../../core/l1/calls.ts";
import {
  readPublicInputsHash,
  readRollupState,
  readVerifiedBatch,
} from "../../../core/l1/rollup_views.ts";
import { MOCK_VERIFIER_ABI, ROLLUP_ABI } from "../../../core/l1/contracts/generated.ts";
import { decodeRollupEvent } from "../../../core/l1/events.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import { RollupError } from "../../../core/primitives/errors.ts";
import {
  type Address,
  bytesToHex,
  type Hash32,
  hash32,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { encodeSequence } from "../../simulation/l1_actions.ts";
import { hashPublicInputs, type PublicInputs } from "../../../core/proving/public_inputs.ts";
import {
  accInputHashAfter,
  batchOf,
  claimOf,
  mockProofOf,
  refusalOf,
  type RollupWorld,
  sequenceOf,
  verify,
} from "./scenario.ts";
import {
  AGGREGATOR,
  createRollupWorld,
  createWorld,
  GENESIS_ROOT,
  NEW_ROOT,
  SEQUENCER,
  START_SEC,
  STRANGER,
} from "./world.ts";

Deno.test("getPublicInputsHash() of the contract equals hashPublicInputs()", async () => {
  const world = await createSequencedWorld();
  const inputs = publicInputsOf(world.acc);
  const { prover, initNumBatch, finalNewBatch } = inputs;
  const query = { ...OUTPUTS, prover, initNumBatch, finalNewBatch };
  assertEquals(
    await readPublicInputsHash(world.client, world.rollup, query),
    hashPublicInputs(inputs),
  );
});

Deno.test("both verify functions move the state root by a proof of the right public inputs", async () => {
  const calls = [
    [AGGREGATOR, "VerifyBatchesTrustedAggregator", encodeVerifyBatchesTrustedAggregator],
    [STRANGER, "VerifyBatches", encodeVerifyBatches],
  ] as const;
  for (const [from, eventName, encode] of calls) {
    const world = await createSequencedWorld();
    world.setTime(START_SEC + 3_600n);
    const data = encode(verification(world.acc, { prover: from }));
    const outcome = await world.mustSend({ from, to: world.rollup, data });
    const [log] = outcome.logs;
    assertEquals(outcome.logs.length, 1);
    assertEquals(log?.topics[0], encodeEventTopics({ abi: ROLLUP_ABI, eventName })[0]);
    assertEquals(log === undefined ? undefined : decodeRollupEvent({ ...log, ...POSITION }), {
      kind: "verified",
      lastBatch: batchNumber(2n),
      stateRoot: NEW_ROOT,
      aggregator: from,
      at: { ...AT },
    });
  }
});

Deno.test("verifyBatchesTrustedAggregator() records what a proof leads to", async () => {
  const world = await createSequencedWorld();
  await world.mustSend({
    from: AGGREGATOR,
    to: world.rollup,
    data: encodeVerifyBatchesTrustedAggregator(verification(world.acc)),
  });
  assertEquals(await readVerifiedBatch(world.client, world.rollup, batchNumber(2n)), {
    stateRoot: NEW_ROOT,
    leafCount: OUTPUTS.newLeafCount,
    localExitRoot: OUTPUTS.newLocalExitRoot,
    proofKind: "mock",
  });
  assertEquals(await readVerifiedBatch(world.client, world.rollup, batchNumber(0n)), {
    stateRoot: GENESIS_ROOT,
    leafCount: 25n,
    localExitRoot: ZERO_HASH,
    proofKind: "",
  });
  assertEquals(await readVerifiedBatch(world.client, world.rollup, batchNumber(1n)), undefined);
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastVerifiedBatch, batchNumber(2n));
});

Deno.test("verifyBatchesTrustedAggregator() goes on from a verified batch, and again from genesis", async () => {
  for (const initNumBatch of [0n, 2n]) {
    const world = await createSequencedWorld();
    const from = { from: AGGREGATOR, to: world.rollup };
    await world.mustSend({
      ...from,
      data: encodeVerifyBatchesTrustedAggregator(verification(world.acc)),
    });
    const { acc } = await sequenceTwo(world, 2n, world.acc);
    const call = verification(
      acc,
      initNumBatch === 0n ? { finalNewBatch: 4n } : {
        initNumBatch,
        oldStateRoot: NEW_ROOT,
        oldLeafCount: OUTPUTS.newLeafCount,
        oldAccInputHash: world.acc,
        finalNewBatch: 4n,
      },
    );
    await world.mustSend({ ...from, data: encodeVerifyBatchesTrustedAggregator(call) });
    const state = await readRollupState(world.client, world.rollup);
    assertEquals(state.lastVerifiedBatch, batchNumber(4n));
  }
});

Deno.test("verifyBatchesTrustedAggregator() refuses a proof with any byte flipped, cut or added", async () => {
  const world = await createSequencedWorld();
  const call = verification(world.acc);
  const { proof } = call;
  const proofs: readonly Uint8Array[] = [
    ...Array.from(proof, (byte, index) => proof.with(index, byte ^ 1)),
    new Uint8Array(0),
    proof.slice(0, 32),
    concatBytes(proof, Uint8Array.of(0)),
  ];
  assertEquals(proofs.length, 36);
  for (const tampered of proofs) {
    const data = encodeVerifyBatchesTrustedAggregator({ ...call, proof: tampered });
    const outcome = await world.send({ from: AGGREGATOR, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName: "InvalidProof" });
  }
});

Deno.test("verifyBatchesTrustedAggregator() refuses a proof made for any other public input", async () => {
  const world = await createSequencedWorld();
  const word = hash32(`0x${"00".repeat(31)}01`);
  const changes: Readonly<Record<keyof PublicInputs, Partial<PublicInputs>>> = {
    prover: { prover: STRANGER },
    oldStateRoot: { oldStateRoot: word },
    oldLeafCount: { oldLeafCount: 26n },
    oldAccInputHash: { oldAccInputHash: word },
    initNumBatch: { initNumBatch: 1n },
    chainId: { chainId: 902n },
    programHash: { programHash: word },
    newStateRoot: { newStateRoot: word },
    newLeafCount: { newLeafCount: 1n },
    newAccInputHash: { newAccInputHash: word },
    newLocalExitRoot: { newLocalExitRoot: word },
    pubdataHash: { pubdataHash: word },
    finalNewBatch: { finalNewBatch: 3n },
  };
  for (const change of Object.values(changes)) {
    const proof = mockProof({ ...publicInputsOf(world.acc), ...change });
    const data = encodeVerifyBatchesTrustedAggregator({ ...verification(world.acc), proof });
    const outcome = await world.send({ from: AGGREGATOR, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName: "InvalidProof" });
  }
  const state = await readRollupState(world.client, world.rollup);
  assertEquals(state.lastVerifiedBatch, batchNumber(0n));
});

Deno.test("verifyBatchesTrustedAggregator() refuses a right proof with any argument changed", async () => {
  const world = await createSequencedWorld();
  const word = hash32(`0x${"00".repeat(31)}01`);
  const changes: readonly Partial<VerifyBatchesCall>[] = [
    { newStateRoot: word },
    { newLeafCount: 1n },
    { newLocalExitRoot: word },
    { pubdataHash: word },
  ];
  for (const change of changes) {
    const data = encodeVerifyBatchesTrustedAggregator({ ...verification(world.acc), ...change });
    const outcome = await world.send({ from: AGGREGATOR, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName: "InvalidProof" });
  }
});

Deno.test("verifyBatchesTrustedAggregator() refuses the same proof twice", async () => {
  const world = await createSequencedWorld();
  const data = encodeVerifyBatchesTrustedAggregator(verification(world.acc));
  const message = { from: AGGREGATOR, to: world.rollup, data };
  await world.mustSend(message);
  const replayed = await world.send(message);
  assertEquals(replayed, { kind: "reverted", errorName: "FinalNumBatchBelowLastVerifiedBatch" });
});

Deno.test("verifyBatches() is open to anyone once the aggregator's time is over", async () => {
  const world = await createSequencedWorld();
  const stolen = encodeVerifyBatches(verification(world.acc));
  const own = encodeVerifyBatches(verification(world.acc, { prover: STRANGER }));
  world.setTime(START_SEC + 3_599n);
  // The aggregator has a function of its own; here it waits like everyone.
  assertEquals(await refusalOf(world, AGGREGATOR, stolen), "TrustedAggregatorTimeoutNotExpired");
  assertEquals(await refusalOf(world, STRANGER, own), "TrustedAggregatorTimeoutNotExpired");
  world.setTime(START_SEC + 3_600n);
  assertEquals(await refusalOf(world, STRANGER, stolen), "InvalidProof");
  assertEquals(await refusalOf(world, STRANGER, own), undefined);
});

Deno.test("verifyBatches() refuses batches that are no sequence ends, or unknown", async () => {
  const world = await createSequencedWorld();
  await sequenceTwo(world, 2n, world.acc);
  await sequenceTwo(world, 4n, world.acc);
  // Verified up to 4 in one proof: batch 2 ends a sequence, but no root is known there.
  await verify(world, 0n, 4n);
  world.setTime(START_SEC + 3_600n);
  const cases: readonly (readonly [string, bigint, bigint])[] = [
    ["NewAccInputHashDoesNotExist", 4n, 5n],
    ["NewAccInputHashDoesNotExist", 4n, 7n],
    ["FinalNumBatchBelowLastVerifiedBatch", 0n, 4n],
    ["FinalNumBatchBelowLastVerifiedBatch", 4n, 0n],
    ["OldStateRootDoesNotExist", 2n, 6n],
    ["OldAccInputHashDoesNotExist", 1n, 6n],
    ["OldAccInputHashDoesNotExist", 3n, 6n],
    ["InitNumBatchAboveLastVerifiedBatch", 5n, 6n],
    ["InitNumBatchAboveLastVerifiedBatch", 6n, 6n],
    ["InitNumBatchAboveLastVerifiedBatch", (1n << 64n) - 1n, 6n],
    ["ExceedMaxVerifyBatches", 4n, 1005n],
    ["ExceedMaxVerifyBatches", 4n, (1n << 64n) - 1n],
    ["NewAccInputHashDoesNotExist", 4n, 1004n],
  ];
  for (const [errorName, initNumBatch, finalNewBatch] of cases) {
    const call = claimOf(initNumBatch, finalNewBatch);
    const answers = [
      await refusalOf(world, AGGREGATOR, encodeVerifyBatchesTrustedAggregator(call)),
      await refusalOf(world, STRANGER, encodeVerifyBatches(call)),
    ];
    assertEquals(answers, [errorName, errorName], `${initNumBatch} to ${finalNewBatch}`);
  }
});

Deno.test("verifyBatchesTrustedAggregator() refuses a new root that is no eight field elements, or zero", async () => {
  const world = await createSequencedWorld();
  const outside = ["7f000001", "7f000002", "80000000", "ffffffff"];
  const roots = Array.from({ length: 8 }, (_, index) => {
    const [before, after] = [NEW_ROOT.slice(0, 2 + 8 * index), NEW_ROOT.slice(10 + 8 * index)];
    return outside.map((limb) => `${before}${limb}${after}`);
  }).flat();
  for (const root of [...roots, ZERO_HASH]) {
    const newStateRoot = hash32(root);
    const proof = mockProof({ ...publicInputsOf(world.acc), newStateRoot });
    const data = encodeVerifyBatchesTrustedAggregator({
      ...verification(world.acc),
      newStateRoot,
      proof,
    });
    const outcome = await world.send({ from: AGGREGATOR, to: world.rollup, data });
    assertEquals(outcome, { kind: "reverted", errorName: "NewStateRootNotInsidePrime" });
  }
  const largest = hash32(`0x${"7f000000".repeat(8)}`);
  const proof = mockProof({ ...publicInputsOf(world.acc), newStateRoot: largest });
  const data = encodeVerifyBatchesTrustedAggregator({
    ...verification(world.acc),
    newStateRoot: largest,
    proof,
  });
  await world.mustSend({ from: AGGREGATOR, to: world.rollup, data });
});

Deno.test("readPublicInputsHash() names the contract's error", async () => {
  const world = await createSequencedWorld();
  const query = { ...OUTPUTS, prover: AGGREGATOR, initNumBatch: 0n, finalNewBatch: 1n };
  const error = await assertRejects(
    () => readPublicInputsHash(world.client, world.rollup, query),
    RollupError,
  );
  assertEquals(error.code, "L1_REVERTED");
  assertEquals(error.details["errorName"], "NewAccInputHashDoesNotExist");
});

Deno.test("readRollupState() says so where no rollup is", async () => {
  const world = await createWorld();
  const error = await assertRejects(() => readRollupState(world.client, STRANGER), RollupError);
  assertEquals(error.code, "L1_ROLLUP_MISSING");
});

Deno.test("MockVerifier answers false, never an error, to bytes that are no proof", async () => {
  const world = await createWorld();
  const to = await world.deploy(encodeDeployMockVerifier());
  const hash = keccak256(new Uint8Array(0));
  const right = mockProofOf(hash);
  const cases: readonly (readonly [Uint8Array, boolean])[] = [
    [right, true],
    [new Uint8Array(0), false],
    [new Uint8Array(33), false],
    [right.slice(1), false],
    [right.with(0, 1), false],
    [new Uint8Array(10_000), false],
  ];
  for (const [proof, expected] of cases) {
    const data = encodeFunctionData({
      abi: MOCK_VERIFIER_ABI,
      functionName: "verifyProof",
      args: [hash, bytesToHex(proof)],
    });
    const answer = await world.mustSend({ from: STRANGER, to, data });
    assertEquals(
      decodeFunctionResult({
        abi: MOCK_VERIFIER_ABI,
        functionName: "verifyProof",
        data: answer.data,
      }),
      expected,
    );
  }
});

const AT = { blockNumber: 1n, blockHash: ZERO_HASH, transactionHash: ZERO_HASH, logIndex: 0n };
const POSITION = { ...AT, address: STRANGER };

const OUTPUTS = {
  newStateRoot: NEW_ROOT,
  newLeafCount: 31n,
  newLocalExitRoot: hash32(`0x${"0e".repeat(32)}`),
  pubdataHash: hash32(`0x${"0f".repeat(32)}`),
};

/** A world where batches 1 and 2 are sequenced in one call. */
async function createSequencedWorld(): Promise<RollupWorld & { readonly acc: Hash32 }> {
  const world = await createRollupWorld();
  return { ...world, ...await sequenceTwo(world, 0n, GENESIS_ACC_INPUT_HASH) };
}

/** Sequences two batches in one call and computes the accInputHash after them. */
async function sequenceTwo(
  world: RollupWorld,
  lastBatch: bigint,
  oldAccInputHash: Hash32,
): Promise<{ readonly acc: Hash32 }> {
  const batches = [Uint8Array.of(1), Uint8Array.of(2, 2)].map((transactions) =>
    batchOf({ transactions })
  );
  const call = sequenceOf(batches, lastBatch);
  const data = await encodeSequence(world, call);
  await world.mustSend({ from: SEQUENCER, to: world.rollup, data });
  return { acc: accInputHashAfter(oldAccInputHash, call) };
}

/** What the contract will ask a proof of batches 1 and 2 for. */
function publicInputsOf(newAccInputHash: Hash32, prover: Address = AGGREGATOR): PublicInputs {
  return {
    ...OUTPUTS,
    prover,
    oldStateRoot: GENESIS_ROOT,
    oldLeafCount: 25n,
    oldAccInputHash: GENESIS_ACC_INPUT_HASH,
    initNumBatch: 0n,
    chainId: 901n,
    programHash: hash32(`0x${"ab".repeat(32)}`),
    newAccInputHash,
    finalNewBatch: 2n,
  };
}

/** A call with a proof that is right for the given inputs. */
function verification(
  newAccInputHash: Hash32,
  change: Partial<PublicInputs> = {},
): VerifyBatchesCall {
  const inputs = { ...publicInputsOf(newAccInputHash), ...change };
  const { initNumBatch, finalNewBatch } = inputs;
  return { ...OUTPUTS, initNumBatch, finalNewBatch, proof: mockProof(inputs) };
}

function mockProof(inputs: PublicInputs): Uint8Array {
  return mockProofOf(hashPublicInputs(inputs));
}
