/**
 * What the contract tests do over and over: sequence, force, prove as the mock does.
 *
 * Owns calls with sensible defaults and honest mock proofs. Does not own the contract's world
 * (`world.ts`) or any expectation.
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
} from "../../../core/batching/acc_input_hash.ts";
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import {
  encodeForceBatch,
  encodeVerifyBatchesTrustedAggregator,
  type VerifyBatchesCall,
} from "../../../core/l1/calls.ts";
import { readPublicInputsHash, readRollupState } from "../../../core/l1/rollup_views.ts";
import type { SequencedBatchInput } from "../../../core/l1/sequence_calldata.ts";
import { concatBytes } from "../../../core/primitives/bytes.ts";
import {
  type Address,
  type Hash32,
  hash32,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import { encodeSequence, type UnboundSequence } from "../../simulation/l1_actions.ts";
import {
  AGGREGATOR,
  COINBASE,
  type createRollupWorld,
  NEW_ROOT,
  SEQUENCER,
  START_SEC,
  STRANGER,
} from "./world.ts";

/** A world with a rollup in it. */
export type RollupWorld = Awaited<ReturnType<typeof createRollupWorld>>;

/** A batch of one byte, sequenced at the start of the world. */
export function batchOf(change: Partial<SequencedBatchInput> = {}): SequencedBatchInput {
  return {
    transactions: Uint8Array.of(1),
    timestampSec: START_SEC,
    operationCount: 0n,
    ...change,
  };
}

/** A call with the given batches after batch `initSequencedBatch`. */
export function sequenceOf(
  batches: readonly SequencedBatchInput[],
  initSequencedBatch = 0n,
): UnboundSequence {
  return { batches, initSequencedBatch: batchNumber(initSequencedBatch), l2Coinbase: COINBASE };
}

/** The accInputHash after all batches of a call that consumes no operations. */
export function accInputHashAfter(
  oldAccInputHash: Hash32,
  call: UnboundSequence,
): Hash32 {
  return call.batches.reduce((acc, { transactions, timestampSec }) =>
    accInputHash({
      oldAccInputHash: acc,
      batchData: transactions,
      l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
      limitTimestampSec: timestampSec,
      coinbase: call.l2Coinbase,
    }), oldAccInputHash);
}

/** Sequences one call's worth of batches now, as the sequencer; each consumes so many operations. */
export async function sequence(
  world: RollupWorld,
  operationCounts: readonly number[] = [0],
): Promise<void> {
  const { lastBatchSequenced } = await readRollupState(world.client, world.rollup);
  const batches = operationCounts.map((count) =>
    batchOf({ timestampSec: world.now(), operationCount: BigInt(count) })
  );
  const call = sequenceOf(batches, lastBatchSequenced);
  await world.mustSend({
    from: SEQUENCER,
    to: world.rollup,
    data: await encodeSequence(world, call),
  });
}

/** Puts so many operations into the queue, as a stranger. */
export async function force(world: RollupWorld, count = 1): Promise<void> {
  for (let index = 0; index < count; index++) {
    const data = encodeForceBatch(Uint8Array.of(2, index));
    await world.mustSend({ from: STRANGER, to: world.rollup, data });
  }
}

/** A claim about batches, with other values on demand. */
export function claimOf(
  initNumBatch: bigint,
  finalNewBatch: bigint,
  change: Partial<VerifyBatchesCall> = {},
): VerifyBatchesCall {
  return {
    initNumBatch,
    finalNewBatch,
    newStateRoot: NEW_ROOT,
    newLeafCount: 31n,
    newLocalExitRoot: hash32(`0x${"0e".repeat(32)}`),
    pubdataHash: hash32(`0x${"0f".repeat(32)}`),
    proof: new Uint8Array(33),
    ...change,
  };
}

/** The claim with the proof that the contract wants of `prover`. */
export async function provenClaim(
  world: RollupWorld,
  claim: VerifyBatchesCall,
  prover: Address = AGGREGATOR,
): Promise<VerifyBatchesCall> {
  const inputsHash = await readPublicInputsHash(world.client, world.rollup, { ...claim, prover });
  return { ...claim, proof: mockProofOf(inputsHash) };
}

/** Verifies batches up to `finalNewBatch` as the trusted aggregator. */
export async function verify(
  world: RollupWorld,
  initNumBatch: bigint,
  finalNewBatch: bigint,
): Promise<void> {
  const call = await provenClaim(world, claimOf(initNumBatch, finalNewBatch));
  const data = encodeVerifyBatchesTrustedAggregator(call);
  await world.mustSend({ from: AGGREGATOR, to: world.rollup, data });
}

/** Written again here on purpose: the prover's own copy is what the contract is held against. */
export function mockProofOf(publicInputsHash: Hash32): Uint8Array {
  const domain = new TextEncoder().encode("varve/mock/1");
  const digest = keccak256Bytes(concatBytes(domain, hexToBytes(publicInputsHash)));
  return concatBytes(Uint8Array.of(0), digest);
}

/** The name of the error that a message is refused with; `undefined` when it is accepted. */
export async function refusalOf(
  world: RollupWorld,
  from: Address,
  data: Hex,
): Promise<string | undefined> {
  const outcome = await world.send({ from, to: world.rollup, data });
  return outcome.kind === "reverted" ? outcome.errorName : undefined;
}
