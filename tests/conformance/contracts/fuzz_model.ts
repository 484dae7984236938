/**
 * What the rollup contract must do with any call, written a second time in TypeScript.
 *
 * Owns the model of the contract: its state as plain data and the answer to each action, the name of
 * the error included. Written from the rules in `core/l1/contracts/IRollup.sol`, with the project's
 * own hashes. Does not own how the contract is asked (`fuzz_run.ts`) or what is tried
 * (`fuzz_actions.ts`).
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../../../core/batching/acc_input_hash.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import type { RollupParameters, VerifyBatchesCall } from "../../../core/l1/calls.ts";
import type { SequenceBatchesCall } from "../../../core/l1/sequence_calldata.ts";
import { type Address, type Hash32, ZERO_ADDRESS } from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import { hashPublicInputs } from "../../../core/proving/public_inputs.ts";
import { mockProofOf } from "./scenario.ts";

/** One call of the contract, as plain data. */
export type Action =
  | { readonly kind: "sequenceBatches"; readonly call: SequenceBatchesCall }
  | { readonly kind: "forceBatch"; readonly transaction: Uint8Array }
  | { readonly kind: "sequenceForceBatches"; readonly operationCount: bigint }
  | { readonly kind: "verifyBatches"; readonly call: VerifyBatchesCall }
  | { readonly kind: "verifyBatchesTrustedAggregator"; readonly call: VerifyBatchesCall }
  | { readonly kind: "rollbackBatches"; readonly targetBatch: bigint }
  | { readonly kind: "activateEmergencyState"; readonly batch: bigint }
  | { readonly kind: "deactivateEmergencyState" }
  | { readonly kind: "setTrustedSequencer"; readonly account: Address }
  | { readonly kind: "setTrustedAggregator"; readonly account: Address }
  | { readonly kind: "setTrustedAggregatorTimeout"; readonly timeoutSec: bigint }
  | { readonly kind: "setForceBatchTimeout"; readonly timeoutSec: bigint }
  | { readonly kind: "transferAdminRole"; readonly account: Address }
  | { readonly kind: "acceptAdminRole" }
  | { readonly kind: "addVerifier"; readonly programHash: Hash32; readonly verifier: Address }
  | { readonly kind: "obsoleteVerifier"; readonly programHash: Hash32 }
  | { readonly kind: "updateProgram"; readonly programHash: Hash32 };

/** What is kept of the end of a sequence. */
export interface ModelSequence {
  readonly accInputHash: Hash32;
  readonly sequencedSec: bigint;
  readonly previous: bigint;
  readonly maxTimestampSec: bigint;
  readonly consumed: bigint;
}

/** A batch as followers know it: all that its accInputHash is made of. */
export interface ModelBatch {
  readonly transactions: Uint8Array;
  readonly l1ToL2RollingHash: Hash32;
  readonly timestampSec: bigint;
  readonly coinbase: Address;
}

/** The contract's state. */
export interface Model {
  settings: {
    readonly admin: Address;
    readonly pendingAdmin: Address;
    readonly trustedSequencer: Address;
    readonly trustedAggregator: Address;
    readonly trustedAggregatorTimeoutSec: bigint;
    readonly forceBatchTimeoutSec: bigint;
    readonly programHash: Hash32;
  };
  readonly chainId: bigint;
  isEmergency: boolean;
  lastDeactivatedSec: bigint;
  readonly operations: { readonly rollingHash: Hash32; readonly deadlineSec: bigint }[];
  consumed: bigint;
  lastSequenced: bigint;
  lastVerified: bigint;
  lastVerifiedBeforeUpgrade: bigint;
  lastMaxTimestampSec: bigint;
  /** Batch 1 first. */
  readonly batches: ModelBatch[];
  readonly sequences: Map<bigint, ModelSequence>;
  readonly roots: Map<bigint, { readonly stateRoot: Hash32; readonly leafCount: bigint }>;
  readonly verifiers: Map<Hash32, { readonly verifier: Address; readonly isObsolete: boolean }>;
}

/** Where and by whom a call is made. */
export interface Circumstances {
  readonly nowSec: bigint;
  readonly from: Address;
  /** Whether a contract is between the sender of the transaction and the rollup. */
  readonly isRelayed: boolean;
  /** Addresses with a verifier of mock proofs. */
  readonly verifiers: readonly Address[];
}

const WEEK_SEC = 604_800n;
const MAX_RANGE = 1_000n;
const FIELD_ORDER = 0x7f000001;

/** A contract that was just deployed. */
export function createModel(parameters: RollupParameters): Model {
  const { admin, trustedSequencer, trustedAggregator, programHash, verifier } = parameters;
  const { trustedAggregatorTimeoutSec, forceBatchTimeoutSec } = parameters;
  return {
    settings: {
      admin,
      pendingAdmin: ZERO_ADDRESS,
      trustedSequencer,
      trustedAggregator,
      trustedAggregatorTimeoutSec,
      forceBatchTimeoutSec,
      programHash,
    },
    chainId: parameters.chainId,
    isEmergency: false,
    lastDeactivatedSec: 0n,
    operations: [],
    consumed: 0n,
    lastSequenced: 0n,
    lastVerified: 0n,
    lastVerifiedBeforeUpgrade: 0n,
    lastMaxTimestampSec: 0n,
    batches: [],
    sequences: new Map(),
    roots: new Map([[0n, {
      stateRoot: parameters.genesisStateRoot,
      leafCount: parameters.genesisLeafCount,
    }]]),
    verifiers: new Map([[programHash, { verifier, isObsolete: false }]]),
  };
}

/**
 * Does to the model what the contract must do; the name of the error when that is to refuse, and
 * then the model stays as it is.
 */
export function applyAction(model: Model, at: Circumstances, action: Action): string | undefined {
  switch (action.kind) {
    case "sequenceBatches":
      return applySequence(model, at, action.call);
    case "forceBatch":
      return applyForce(model, at, action.transaction);
    case "sequenceForceBatches":
      return applyForcedSequence(model, at, action.operationCount);
    case "verifyBatches":
    case "verifyBatchesTrustedAggregator":
      return mayVerify(model, at, action.kind, action.call) ?? applyProof(model, at, action.call);
    case "activateEmergencyState":
      return applyEmergency(model, at, action.batch);
    case "acceptAdminRole":
      if (at.from !== model.settings.pendingAdmin) return "OnlyPendingAdmin";
      model.settings = { ...model.settings, admin: at.from, pendingAdmin: ZERO_ADDRESS };
      return undefined;
    default:
      if (at.from !== model.settings.admin) return "OnlyAdmin";
      return applyOwnerPower(model, at, action);
  }
}

function applySequence(
  model: Model,
  at: Circumstances,
  call: SequenceBatchesCall,
): string | undefined {
  const { batches, initSequencedBatch, expectedFinalAccInputHash } = call;
  if (model.isEmergency) return "OnlyNotEmergencyState";
  if (at.from !== model.settings.trustedSequencer) return "OnlyTrustedSequencer";
  if (at.isRelayed) return "OnlyDirectCallOfSequencer";
  if (batches.length === 0) return "SequenceZeroBatches";
  if (batches.length > MAX_RANGE) return "ExceedMaxVerifyBatches";
  if (initSequencedBatch !== model.lastSequenced) return "InitSequencedBatchDoesNotMatch";
  let [consumed, timestampSec] = [model.consumed, model.lastMaxTimestampSec];
  for (const batch of batches) {
    if (batch.transactions.length > LIMITS.maxBatchDataBytes) return "TransactionsLengthAboveMax";
    if (batch.timestampSec < timestampSec) return "SequencedTimestampInvalid";
    timestampSec = batch.timestampSec;
    const refusal = mayConsume(model, consumed, batch.operationCount);
    if (refusal !== undefined) return refusal;
    consumed += batch.operationCount;
  }
  if (timestampSec > at.nowSec + LIMITS.maxSequenceTimestampLeadSec) {
    return "MaxTimestampSequenceInvalid";
  }
  const isLate = model.operations.slice(Number(consumed)).some((each) =>
    each.deadlineSec <= at.nowSec
  );
  if (isLate && !isWeekAfterEmergency(model, at)) return "ForceBatchDeadlinePassed";
  const added = batchesOf(model, call);
  const acc = chainBatches(accInputHashOf(model), added);
  if (acc !== expectedFinalAccInputHash) return "FinalAccInputHashDoesNotMatch";
  append(model, at, added, consumed);
  return undefined;
}

/** The accInputHash after a call behind what is sequenced now; for a refused one too. */
export function accInputHashAfterCall(
  model: Model,
  call: Pick<SequenceBatchesCall, "batches" | "l2Coinbase">,
): Hash32 {
  return chainBatches(accInputHashOf(model), batchesOf(model, call));
}

function batchesOf(
  model: Model,
  { batches, l2Coinbase }: Pick<SequenceBatchesCall, "batches" | "l2Coinbase">,
): readonly ModelBatch[] {
  let { consumed } = model;
  return batches.map(({ transactions, timestampSec, operationCount }) => {
    consumed += operationCount;
    const l1ToL2RollingHash = rollingHashAfter(model, consumed);
    return { transactions, l1ToL2RollingHash, timestampSec, coinbase: l2Coinbase };
  });
}

/** The accInputHash of all that is sequenced. */
function accInputHashOf(model: Model): Hash32 {
  return model.sequences.get(model.lastSequenced)?.accInputHash ?? GENESIS_ACC_INPUT_HASH;
}

/** Whether an emergency has ended less than a week ago. */
function isWeekAfterEmergency({ lastDeactivatedSec }: Model, { nowSec }: Circumstances): boolean {
  return lastDeactivatedSec !== 0n && nowSec - lastDeactivatedSec < WEEK_SEC;
}

function applyForce(
  model: Model,
  at: Circumstances,
  transaction: Uint8Array,
): string | undefined {
  if (model.isEmergency) return "ForceBatchesNotAllowedOnEmergencyState";
  if (transaction.length === 0 || transaction.length > LIMITS.maxOperationBytes) {
    return "TransactionsLengthAboveMax";
  }
  const latest = model.operations.at(-1);
  const ownSec = at.nowSec + model.settings.forceBatchTimeoutSec;
  const beforeSec = latest?.deadlineSec ?? 0n;
  model.operations.push({
    rollingHash: rollOperation(latest?.rollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH, transaction),
    deadlineSec: ownSec > beforeSec ? ownSec : beforeSec,
  });
  return undefined;
}

function applyForcedSequence(
  model: Model,
  at: Circumstances,
  operationCount: bigint,
): string | undefined {
  if (model.isEmergency) return "OnlyNotEmergencyState";
  if (operationCount === 0n) return "SequenceZeroBatches";
  const refusal = mayConsume(model, model.consumed, operationCount);
  if (refusal !== undefined) return refusal;
  const consumed = model.consumed + operationCount;
  const taken = model.operations.slice(Number(model.consumed), Number(consumed));
  if (taken.some((each) => each.deadlineSec > at.nowSec)) return "ForceBatchTimeoutNotExpired";
  if (isWeekAfterEmergency(model, at)) return "HaltTimeoutNotExpiredAfterEmergencyState";
  if (at.nowSec <= model.lastMaxTimestampSec) return "SequencedTimestampInvalid";
  const batch = {
    transactions: new Uint8Array(0),
    l1ToL2RollingHash: rollingHashAfter(model, consumed),
    timestampSec: at.nowSec,
    coinbase: at.from,
  };
  append(model, at, [batch], consumed);
  return undefined;
}

function mayConsume(model: Model, consumed: bigint, count: bigint): string | undefined {
  if (count > BigInt(LIMITS.maxOperationsPerBatch)) return "OperationCountAboveMax";
  if (consumed + count > BigInt(model.operations.length)) return "ForceBatchesOverflow";
  return undefined;
}

/** Rolling hash after so many operations. */
function rollingHashAfter(model: Model, count: bigint): Hash32 {
  return model.operations[Number(count) - 1]?.rollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
}

function append(
  model: Model,
  at: Circumstances,
  added: readonly ModelBatch[],
  consumed: bigint,
): void {
  const accAfter = chainBatches(accInputHashOf(model), added);
  const previous = model.lastSequenced;
  model.batches.push(...added);
  model.lastSequenced = BigInt(model.batches.length);
  model.consumed = consumed;
  model.lastMaxTimestampSec = added.at(-1)?.timestampSec ?? model.lastMaxTimestampSec;
  model.sequences.set(model.lastSequenced, {
    accInputHash: accAfter,
    sequencedSec: at.nowSec,
    previous,
    maxTimestampSec: model.lastMaxTimestampSec,
    consumed,
  });
}

/** The hash chain after more batches. */
export function chainBatches(before: Hash32, batches: readonly ModelBatch[]): Hash32 {
  return batches.reduce((oldAccInputHash, { transactions, timestampSec, ...rest }) =>
    accInputHash({
      oldAccInputHash,
      batchData: transactions,
      limitTimestampSec: timestampSec,
      ...rest,
    }), before);
}

function mayVerify(
  model: Model,
  at: Circumstances,
  kind: "verifyBatches" | "verifyBatchesTrustedAggregator",
  { finalNewBatch }: VerifyBatchesCall,
): string | undefined {
  if (kind === "verifyBatchesTrustedAggregator") {
    return at.from === model.settings.trustedAggregator ? undefined : "OnlyTrustedAggregator";
  }
  if (model.isEmergency) return "OnlyNotEmergencyState";
  const sequencedSec = model.sequences.get(finalNewBatch)?.sequencedSec ?? 0n;
  const openSec = sequencedSec + model.settings.trustedAggregatorTimeoutSec;
  return openSec > at.nowSec ? "TrustedAggregatorTimeoutNotExpired" : undefined;
}

function applyProof(
  model: Model,
  at: Circumstances,
  call: VerifyBatchesCall,
): string | undefined {
  const { initNumBatch, finalNewBatch, newStateRoot, newLeafCount } = call;
  if (initNumBatch > model.lastVerified) return "InitNumBatchAboveLastVerifiedBatch";
  if (finalNewBatch <= model.lastVerified) return "FinalNumBatchBelowLastVerifiedBatch";
  if (finalNewBatch - initNumBatch > MAX_RANGE) return "ExceedMaxVerifyBatches";
  if (initNumBatch < model.lastVerifiedBeforeUpgrade) return "InitBatchMustMatchCurrentForkID";
  if (initNumBatch !== 0n && !model.sequences.has(initNumBatch)) {
    return "OldAccInputHashDoesNotExist";
  }
  if (!model.roots.has(initNumBatch)) return "OldStateRootDoesNotExist";
  if (!model.sequences.has(finalNewBatch)) return "NewAccInputHashDoesNotExist";
  if (!isStateRoot(newStateRoot)) return "NewStateRootNotInsidePrime";
  if (model.verifiers.get(model.settings.programHash)?.isObsolete !== false) {
    return "VerifierObsolete";
  }
  const wanted = proofFor(model, at.from, call);
  if (wanted === undefined || bytesToHex(wanted) !== bytesToHex(call.proof)) return "InvalidProof";
  model.lastVerified = finalNewBatch;
  model.roots.set(finalNewBatch, { stateRoot: newStateRoot, leafCount: newLeafCount });
  return undefined;
}

/** The one proof that the contract accepts for a claim; `undefined` when there cannot be one. */
export function proofFor(
  model: Model,
  prover: Address,
  claim: Omit<VerifyBatchesCall, "proof">,
): Uint8Array | undefined {
  const old = model.roots.get(claim.initNumBatch);
  const last = model.sequences.get(claim.finalNewBatch);
  if (old === undefined || last === undefined) return undefined;
  const { initNumBatch, finalNewBatch, newStateRoot, newLeafCount } = claim;
  return mockProofOf(hashPublicInputs({
    prover,
    oldStateRoot: old.stateRoot,
    oldLeafCount: old.leafCount,
    oldAccInputHash: model.sequences.get(initNumBatch)?.accInputHash ?? GENESIS_ACC_INPUT_HASH,
    initNumBatch,
    chainId: model.chainId,
    programHash: model.settings.programHash,
    newStateRoot,
    newLeafCount,
    newAccInputHash: last.accInputHash,
    newLocalExitRoot: claim.newLocalExitRoot,
    pubdataHash: claim.pubdataHash,
    finalNewBatch,
  }));
}

function isStateRoot(root: Hash32): boolean {
  const limbs = Array.from(
    { length: 8 },
    (_, index) => Number(`0x${root.slice(2 + 8 * index, 10 + 8 * index)}`),
  );
  return limbs.some((limb) => limb !== 0) && limbs.every((limb) => limb < FIELD_ORDER);
}

function applyEmergency(model: Model, at: Circumstances, batch: bigint): string | undefined {
  if (at.from !== model.settings.admin) {
    if (batch <= model.lastVerified) return "BatchAlreadyVerified";
    const sequence = model.sequences.get(batch);
    if (sequence === undefined) return "BatchNotSequencedOrNotSequenceEnd";
    if (sequence.sequencedSec + WEEK_SEC > at.nowSec) return "HaltTimeoutNotExpired";
    if (isWeekAfterEmergency(model, at)) return "HaltTimeoutNotExpired";
  }
  if (model.isEmergency) return "OnlyNotEmergencyState";
  model.isEmergency = true;
  return undefined;
}

type OwnerPower = Extract<Action, {
  kind:
    | "rollbackBatches"
    | "deactivateEmergencyState"
    | "setTrustedSequencer"
    | "setTrustedAggregator"
    | "setTrustedAggregatorTimeout"
    | "setForceBatchTimeout"
    | "transferAdminRole"
    | "addVerifier"
    | "obsoleteVerifier"
    | "updateProgram";
}>;

function applyOwnerPower(
  model: Model,
  at: Circumstances,
  action: OwnerPower,
): string | undefined {
  const { settings } = model;
  switch (action.kind) {
    case "rollbackBatches":
      return applyRollback(model, action.targetBatch);
    case "deactivateEmergencyState":
      if (!model.isEmergency) return "OnlyEmergencyState";
      model.isEmergency = false;
      model.lastDeactivatedSec = at.nowSec;
      return undefined;
    case "setTrustedSequencer":
      model.settings = { ...settings, trustedSequencer: action.account };
      return undefined;
    case "setTrustedAggregator":
      model.settings = { ...settings, trustedAggregator: action.account };
      return undefined;
    case "setTrustedAggregatorTimeout": {
      const trustedAggregatorTimeoutSec = action.timeoutSec;
      if (trustedAggregatorTimeoutSec > WEEK_SEC) {
        return "TrustedAggregatorTimeoutExceedHaltAggregationTimeout";
      }
      if (
        !model.isEmergency && trustedAggregatorTimeoutSec >= settings.trustedAggregatorTimeoutSec
      ) return "NewTrustedAggregatorTimeoutMustBeLower";
      model.settings = { ...settings, trustedAggregatorTimeoutSec };
      return undefined;
    }
    case "setForceBatchTimeout": {
      const forceBatchTimeoutSec = action.timeoutSec;
      const isLower = forceBatchTimeoutSec < settings.forceBatchTimeoutSec;
      if (forceBatchTimeoutSec > WEEK_SEC || (!model.isEmergency && !isLower)) {
        return "InvalidRangeForceBatchTimeout";
      }
      model.settings = { ...settings, forceBatchTimeoutSec };
      return undefined;
    }
    case "transferAdminRole":
      model.settings = { ...settings, pendingAdmin: action.account };
      return undefined;
    case "addVerifier": {
      const known = model.verifiers.get(action.programHash);
      if (known !== undefined && !known.isObsolete) return "VerifierAlreadyExists";
      if (!at.verifiers.includes(action.verifier)) return "VerifierDoesNotExist";
      model.verifiers.set(action.programHash, { verifier: action.verifier, isObsolete: false });
      return undefined;
    }
    case "obsoleteVerifier": {
      const known = model.verifiers.get(action.programHash);
      if (known === undefined) return "VerifierDoesNotExist";
      if (known.isObsolete) return "VerifierObsolete";
      model.verifiers.set(action.programHash, { ...known, isObsolete: true });
      return undefined;
    }
    case "updateProgram": {
      const known = model.verifiers.get(action.programHash);
      if (known === undefined) return "VerifierDoesNotExist";
      if (known.isObsolete) return "VerifierObsolete";
      if (model.lastSequenced !== model.lastVerified) return "AllSequencedBatchesMustBeVerified";
      model.settings = { ...settings, programHash: action.programHash };
      model.lastVerifiedBeforeUpgrade = model.lastVerified;
      return undefined;
    }
  }
}

function applyRollback(model: Model, targetBatch: bigint): string | undefined {
  if (targetBatch >= model.lastSequenced || targetBatch < model.lastVerified) {
    return "RollbackBatchIsNotValid";
  }
  const target = model.sequences.get(targetBatch);
  if (targetBatch !== 0n && target === undefined) return "RollbackBatchIsNotEndOfSequence";
  for (const end of model.sequences.keys()) {
    if (end > targetBatch) model.sequences.delete(end);
  }
  model.batches.length = Number(targetBatch);
  model.lastSequenced = targetBatch;
  model.consumed = target?.consumed ?? 0n;
  model.lastMaxTimestampSec = target?.maxTimestampSec ?? 0n;
  return undefined;
}
