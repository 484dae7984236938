/**
 * Random calls of the rollup contract: mostly what could succeed now, often just off it.
 *
 * Owns the choices. They look at the model to come near every rule's edge. Does not own what a call
 * must do (`fuzz_model.ts`).
 * @module
 */
import {
  encodeAcceptAdminRole,
  encodeActivateEmergencyState,
  encodeAddVerifier,
  encodeDeactivateEmergencyState,
  encodeForceBatch,
  encodeObsoleteVerifier,
  encodeRollbackBatches,
  encodeSequenceBatches,
  encodeSequenceForceBatches,
  encodeSetForceBatchTimeout,
  encodeSetTrustedAggregator,
  encodeSetTrustedAggregatorTimeout,
  encodeSetTrustedSequencer,
  encodeTransferAdminRole,
  encodeUpdateProgram,
  encodeVerifyBatches,
  encodeVerifyBatchesTrustedAggregator,
  type VerifyBatchesCall,
} from "../../../core/l1/calls.ts";
import type { SequencedBatchInput } from "../../../core/l1/sequence_calldata.ts";
import { type Address, type Hash32, hash32, type Hex } from "../../../core/primitives/hex.ts";
import { batchNumber } from "../../../core/primitives/units.ts";
import type { RandomChoices } from "../../simulation/random.ts";
import { accInputHashAfterCall, type Action, type Model, proofFor } from "./fuzz_model.ts";
import { claimOf } from "./scenario.ts";
import { ADMIN, AGGREGATOR, COINBASE, SEQUENCER, STRANGER } from "./world.ts";

/** A call and who makes it. */
export interface Attempt {
  readonly from: Address;
  readonly isRelayed: boolean;
  readonly action: Action;
}

/** What there is to choose from, besides the model. */
export interface Choices {
  readonly random: RandomChoices;
  readonly nowSec: bigint;
  readonly verifiers: readonly Address[];
}

const ACCOUNTS = [ADMIN, SEQUENCER, AGGREGATOR, STRANGER, COINBASE] as const;
const PROGRAMS: readonly Hash32[] = ["ab", "cd", "ef"].map((byte) =>
  hash32(`0x${byte.repeat(32)}`)
);
const WEEK_SEC = 604_800n;
const MAX_UINT64 = (1n << 64n) - 1n;

const WEIGHTS: Readonly<Record<Action["kind"], number>> = {
  sequenceBatches: 30,
  forceBatch: 16,
  sequenceForceBatches: 10,
  verifyBatches: 9,
  verifyBatchesTrustedAggregator: 14,
  rollbackBatches: 4,
  activateEmergencyState: 2,
  deactivateEmergencyState: 3,
  setTrustedSequencer: 1,
  setTrustedAggregator: 1,
  setTrustedAggregatorTimeout: 2,
  setForceBatchTimeout: 2,
  transferAdminRole: 1,
  acceptAdminRole: 1,
  addVerifier: 3,
  obsoleteVerifier: 1,
  updateProgram: 3,
};

/** The next call to try. */
export function chooseAttempt(model: Model, choices: Choices): Attempt {
  const { random } = choices;
  const wanted = random.weighted(WEIGHTS);
  // Where nothing waits for a proof there is little to try.
  const isIdle = model.lastVerified === model.lastSequenced && wanted.startsWith("verifyBatches");
  const kind = isIdle && random.chance(85) ? "sequenceBatches" : wanted;
  const from = random.chance(85) ? rightfulCaller(model, kind, random) : random.pick(ACCOUNTS);
  return { from, isRelayed: random.chance(3), action: chooseAction(model, choices, kind, from) };
}

/** Seconds that pass before a call: often none, sometimes enough for a timeout. */
export function chooseDelaySec(model: Model, { random, nowSec }: Choices): bigint {
  const head = model.operations[Number(model.consumed)];
  const roll = random.int(0, 99);
  if (roll < 45) return 0n;
  if (roll < 75) return BigInt(random.int(1, 40));
  if (roll < 85) return BigInt(random.int(1, 8_000));
  if (roll < 96 && head !== undefined && head.deadlineSec > nowSec) {
    // To the head's deadline, a second before or after.
    const delaySec = head.deadlineSec - nowSec + BigInt(random.int(-1, 1));
    return delaySec > 0n ? delaySec : 0n;
  }
  return roll < 98 ? 3_600n : WEEK_SEC;
}

/** The input of a transaction that makes the call. */
export function encodeAction(action: Action): Hex {
  switch (action.kind) {
    case "sequenceBatches":
      return encodeSequenceBatches(action.call);
    case "forceBatch":
      return encodeForceBatch(action.transaction);
    case "sequenceForceBatches":
      return encodeSequenceForceBatches(action.operationCount);
    case "verifyBatches":
      return encodeVerifyBatches(action.call);
    case "verifyBatchesTrustedAggregator":
      return encodeVerifyBatchesTrustedAggregator(action.call);
    case "rollbackBatches":
      return encodeRollbackBatches(action.targetBatch);
    case "activateEmergencyState":
      return encodeActivateEmergencyState(action.batch);
    case "deactivateEmergencyState":
      return encodeDeactivateEmergencyState();
    case "setTrustedSequencer":
      return encodeSetTrustedSequencer(action.account);
    case "setTrustedAggregator":
      return encodeSetTrustedAggregator(action.account);
    case "setTrustedAggregatorTimeout":
      return encodeSetTrustedAggregatorTimeout(action.timeoutSec);
    case "setForceBatchTimeout":
      return encodeSetForceBatchTimeout(action.timeoutSec);
    case "transferAdminRole":
      return encodeTransferAdminRole(action.account);
    case "acceptAdminRole":
      return encodeAcceptAdminRole();
    case "addVerifier":
      return encodeAddVerifier(action.programHash, action.verifier);
    case "obsoleteVerifier":
      return encodeObsoleteVerifier(action.programHash);
    case "updateProgram":
      return encodeUpdateProgram(action.programHash);
  }
}

function rightfulCaller(model: Model, kind: Action["kind"], random: RandomChoices): Address {
  const { admin, pendingAdmin, trustedSequencer, trustedAggregator } = model.settings;
  switch (kind) {
    case "sequenceBatches":
      return trustedSequencer;
    case "verifyBatchesTrustedAggregator":
      return trustedAggregator;
    case "forceBatch":
    case "sequenceForceBatches":
    case "verifyBatches":
      return random.pick(ACCOUNTS);
    case "acceptAdminRole":
      return pendingAdmin;
    default:
      return admin;
  }
}

function chooseAction(
  model: Model,
  choices: Choices,
  kind: Action["kind"],
  from: Address,
): Action {
  const { random } = choices;
  const account = random.pick(ACCOUNTS);
  const programHash = random.pick(PROGRAMS);
  const timeoutSec = chooseTimeoutSec(random);
  switch (kind) {
    case "sequenceBatches":
      return { kind, call: chooseSequence(model, choices) };
    case "forceBatch": {
      const sizeBytes = random.chance(90) ? random.int(1, 60) : random.pick([0, 5_000, 5_001]);
      return { kind, transaction: new Uint8Array(sizeBytes).fill(random.int(0, 255)) };
    }
    case "sequenceForceBatches":
      return { kind, operationCount: chooseForcedCount(model, choices) };
    case "verifyBatches":
    case "verifyBatchesTrustedAggregator":
      return { kind, call: chooseClaim(model, random, from) };
    case "rollbackBatches":
      return { kind, targetBatch: chooseBatch(model, random) };
    case "activateEmergencyState":
      return { kind, batch: chooseBatch(model, random) };
    case "deactivateEmergencyState":
    case "acceptAdminRole":
      return { kind };
    case "setTrustedSequencer":
    case "setTrustedAggregator":
    case "transferAdminRole":
      return { kind, account };
    case "setTrustedAggregatorTimeout":
    case "setForceBatchTimeout":
      return { kind, timeoutSec };
    case "addVerifier":
      return { kind, programHash, verifier: random.pick([...choices.verifiers, STRANGER]) };
    case "obsoleteVerifier":
    case "updateProgram":
      return { kind, programHash };
  }
}

function chooseTimeoutSec(random: RandomChoices): bigint {
  if (random.chance(10)) return random.pick([WEEK_SEC, WEEK_SEC + 1n, MAX_UINT64]);
  return BigInt(random.int(0, 8_000));
}

function chooseSequence(model: Model, choices: Choices) {
  const { random, nowSec } = choices;
  const count = random.chance(3) ? 0 : random.int(1, 4);
  const batches: SequencedBatchInput[] = [];
  let consumed = model.consumed;
  let timestampSec = model.lastMaxTimestampSec > nowSec ? model.lastMaxTimestampSec : nowSec;
  for (let index = 0; index < count; index++) {
    timestampSec += BigInt(random.chance(80) ? random.int(0, 3) : random.int(-1, 37));
    const sizeBytes = random.chance(99) ? random.int(0, 40) : random.pick([120_000, 120_001]);
    const operationCount = chooseOperationCount(model, consumed, choices);
    consumed += operationCount;
    batches.push({
      transactions: new Uint8Array(sizeBytes).fill(random.int(0, 255)),
      timestampSec: random.chance(99) ? timestampSec : random.pick([0n, MAX_UINT64]),
      operationCount,
    });
  }
  const init = model.lastSequenced + (random.chance(94) ? 0n : random.pick([-1n, 1n]));
  const call = {
    batches,
    initSequencedBatch: batchNumber(BigInt.asUintN(64, init)),
    l2Coinbase: random.pick(ACCOUNTS),
  };
  // What is replayed or held back is mostly wrong by then; now and then it is so from the start.
  const expectedFinalAccInputHash = random.chance(97)
    ? accInputHashAfterCall(model, call)
    : accInputHashAfterCall(model, { ...call, batches: batches.slice(1) });
  return { ...call, expectedFinalAccInputHash };
}

/** As many as a sequencer might take, but mostly not none. */
function chooseForcedCount(model: Model, choices: Choices): bigint {
  const count = chooseOperationCount(model, model.consumed, choices);
  return count === 0n && choices.random.chance(90) ? 1n : count;
}

/** None, all that is overdue, some, all, or more than there is. */
function chooseOperationCount(model: Model, consumed: bigint, choices: Choices): bigint {
  const { random, nowSec } = choices;
  const waiting = model.operations.slice(Number(consumed));
  const overdueCount = waiting.filter((each) => each.deadlineSec <= nowSec).length;
  const roll = random.int(0, 99);
  if (roll < 40) return BigInt(overdueCount);
  if (roll < 60) return 0n;
  if (roll < 85) return BigInt(random.int(0, waiting.length));
  if (roll < 95) return BigInt(waiting.length);
  return random.pick([BigInt(waiting.length) + 1n, 50n, 51n, MAX_UINT64]);
}

/** A batch number: the end of a sequence, or beside one. */
function chooseBatch(model: Model, random: RandomChoices): bigint {
  const ends = [0n, model.lastVerified, ...model.sequences.keys()];
  const end = random.pick(ends);
  if (random.chance(85)) return end;
  return BigInt.asUintN(64, end + random.pick([-1n, 1n, 1_000n, MAX_UINT64]));
}

/** A claim that is right, or not in one of many ways. */
function chooseClaim(model: Model, random: RandomChoices, from: Address): VerifyBatchesCall {
  const newer = [...model.sequences.keys()].filter((end) => end > model.lastVerified);
  const isUsual = newer.length > 0 && random.chance(75);
  const older = [...model.roots.keys()];
  const init = random.chance(70) ? model.lastVerified : random.pick(older);
  const claim = claimOf(
    isUsual ? init : chooseBatch(model, random),
    isUsual ? random.pick(newer) : chooseBatch(model, random),
    { newStateRoot: chooseRoot(random), newLeafCount: BigInt(random.int(0, 40)) },
  );
  const proof = chooseProof(model, random, from, claim);
  return proof === undefined ? claim : { ...claim, proof };
}

function chooseRoot(random: RandomChoices): Hash32 {
  const limbs = Array.from({ length: 8 }, () => random.int(0, 0x7f000000));
  if (random.chance(4)) limbs[random.int(0, 7)] = random.pick([0x7f000001, 0xffffffff]);
  return random.chance(1)
    ? hash32(`0x${"00".repeat(32)}`)
    : hash32(`0x${limbs.map((limb) => limb.toString(16).padStart(8, "0")).join("")}`);
}

/** Mostly the right proof; else that of another prover, chain, program, range or outcome, or junk. */
function chooseProof(
  model: Model,
  random: RandomChoices,
  from: Address,
  claim: VerifyBatchesCall,
): Uint8Array | undefined {
  if (random.chance(70)) return proofFor(model, from, claim);
  const settings = { ...model.settings, programHash: random.pick(PROGRAMS) };
  const lies = [
    () => proofFor(model, random.pick(ACCOUNTS), claim),
    () => proofFor({ ...model, chainId: 902n }, from, claim),
    () => proofFor({ ...model, settings }, from, claim),
    () => proofFor(model, from, { ...claim, initNumBatch: chooseBatch(model, random) }),
    () => proofFor(model, from, { ...claim, finalNewBatch: chooseBatch(model, random) }),
    () => proofFor(model, from, { ...claim, newLeafCount: claim.newLeafCount + 1n }),
    () => new Uint8Array(random.int(0, 40)),
  ];
  return random.pick(lies)();
}
