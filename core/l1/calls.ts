/**
 * Calls of the rollup's contracts: input of transactions, and views.
 *
 * Owns encoding, and reading the contract's state through an {@linkcode L1Client}. Does not own
 * decoding of what others sequenced (`sequence_calldata.ts`), nor sending (`transaction.ts`).
 * @module
 */
// Only types come from the whole library: it loads three times as slowly as its `utils`.
import type {
  Abi,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from "viem";
import { decodeFunctionResult, encodeDeployData, encodeFunctionData } from "viem/utils";
import { assert, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  type Hash32,
  hash32,
  type Hex,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { type BatchNumber, batchNumber } from "../primitives/units.ts";
import { MOCK_VERIFIER_BYTECODE, ROLLUP_ABI, ROLLUP_BYTECODE } from "./contracts/generated.ts";
import type { L1Client, L1ErrorCode } from "./l1_client.ts";
import type { SequenceBatchesCall } from "./sequence_calldata.ts";

/** What a rollup contract is created with; genesis and chain id never change, the admin changes the rest. */
export interface RollupParameters {
  /** The account that changes settings; the zero address means nobody ever can. */
  readonly admin: Address;
  readonly trustedSequencer: Address;
  readonly trustedAggregator: Address;
  /** Seconds after sequencing until anyone may verify; at most a week. */
  readonly trustedAggregatorTimeoutSec: bigint;
  /** Seconds that the sequencer has to consume an L1->L2 operation; at most a week. */
  readonly forceBatchTimeoutSec: bigint;
  /** Chain id of the L2. */
  readonly chainId: bigint;
  readonly genesisStateRoot: Hash32;
  readonly genesisLeafCount: bigint;
  /** Hash of the program that every proof must have executed. */
  readonly programHash: Hash32;
  /** Contract that judges proofs. */
  readonly verifier: Address;
}

/** The arguments of one `verifyBatches` or `verifyBatchesTrustedAggregator` call. */
export interface VerifyBatchesCall {
  /** Verified batch that the proof starts from. */
  readonly initNumBatch: bigint;
  /** Last batch that the proof covers. */
  readonly finalNewBatch: bigint;
  readonly newStateRoot: Hash32;
  readonly newLeafCount: bigint;
  readonly newLocalExitRoot: Hash32;
  readonly pubdataHash: Hash32;
  /** Bytes for the verifier contract. */
  readonly proof: Uint8Array;
}

/** How far the contract has come. */
export interface RollupState {
  readonly lastBatchSequenced: BatchNumber;
  readonly lastVerifiedBatch: BatchNumber;
  /** Timestamp of the last sequenced batch: the least that the next one may have. */
  readonly lastMaxSequenceTimestampSec: bigint;
  /** Number of the last L1->L2 operation in the queue. */
  readonly lastForceBatch: bigint;
  /** Number of the last L1->L2 operation that a sequenced batch consumes. */
  readonly lastForceBatchSequenced: bigint;
  /** Rolling hash of the operations up to {@linkcode RollupState.lastForceBatchSequenced}. */
  readonly l1ToL2RollingHash: Hash32;
  readonly isEmergencyState: boolean;
}

/** What the contract keeps of the last batch of a sequence. */
export interface SequencedBatch {
  readonly accInputHash: Hash32;
  /** Timestamp of the L1 block that sequenced it. */
  readonly sequencedTimestampSec: bigint;
  /** Last batch of the sequence before. */
  readonly previousLastBatchSequenced: BatchNumber;
  /** Timestamp of the last batch of the sequence. */
  readonly maxSequenceTimestampSec: bigint;
  /** Number of the last L1->L2 operation that is consumed after the batch. */
  readonly lastForceBatchSequenced: bigint;
}

/** What the contract keeps of an L1->L2 operation. */
export interface QueuedOperation {
  /** Rolling hash of all operations up to this one. */
  readonly rollingHash: Hash32;
  /** From this L1 time on, in seconds, the sequencer cannot pass it by. */
  readonly deadlineSec: bigint;
}

/** What the contract keeps of a program's verifier. */
export interface ProgramVerifier {
  readonly verifier: Address;
  /** Whether it is switched off. */
  readonly isObsolete: boolean;
  /** Kind of the proofs that it judges. */
  readonly proofKind: string;
}

/** What the contract keeps of a verified batch that a proof ended with. */
export interface VerifiedBatch {
  readonly stateRoot: Hash32;
  readonly leafCount: bigint;
  readonly localExitRoot: Hash32;
  /** Kind of the proof; empty for batch 0. */
  readonly proofKind: string;
}

/** What `getPublicInputsHash` takes. */
export interface PublicInputsQuery extends Omit<VerifyBatchesCall, "proof"> {
  /** Account that will send the proof. */
  readonly prover: Address;
}

/** Input of a transaction that deploys the rollup contract. */
export function encodeDeployRollup(parameters: RollupParameters): Hex {
  return encodeDeployData({
    abi: ROLLUP_ABI,
    bytecode: ROLLUP_BYTECODE,
    args: [{
      admin: parameters.admin,
      trustedSequencer: parameters.trustedSequencer,
      trustedAggregator: parameters.trustedAggregator,
      trustedAggregatorTimeout: parameters.trustedAggregatorTimeoutSec,
      forceBatchTimeout: parameters.forceBatchTimeoutSec,
      chainID: parameters.chainId,
      genesisStateRoot: parameters.genesisStateRoot,
      genesisLeafCount: parameters.genesisLeafCount,
      programHash: parameters.programHash,
      verifier: parameters.verifier,
    }],
  });
}

/** Input of a transaction that deploys the verifier of mock proofs. */
export function encodeDeployMockVerifier(): Hex {
  return MOCK_VERIFIER_BYTECODE;
}

/** Input of a transaction that sequences batches; only the trusted sequencer's is accepted. */
export function encodeSequenceBatches(call: SequenceBatchesCall): Hex {
  const batches = call.batches.map(({ transactions, timestampSec, operationCount }) => ({
    transactions: bytesToHex(transactions),
    timestamp: timestampSec,
    operationCount,
  }));
  const { initSequencedBatch, expectedFinalAccInputHash, l2Coinbase } = call;
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "sequenceBatches",
    args: [batches, initSequencedBatch, expectedFinalAccInputHash, l2Coinbase],
  });
}

/** Input of a transaction that puts an L1->L2 operation, the bytes of a signed L2 transaction, into the queue. */
export function encodeForceBatch(raw: Uint8Array): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "forceBatch",
    args: [bytesToHex(raw)],
  });
}

/** Input of a transaction that sequences a batch of overdue operations; anyone's is accepted. */
export function encodeSequenceForceBatches(operationCount: bigint): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "sequenceForceBatches",
    args: [operationCount],
  });
}

/** Input of a transaction that verifies batches; anyone's is accepted after the aggregator's timeout. */
export function encodeVerifyBatches(call: VerifyBatchesCall): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "verifyBatches",
    args: verifyArgs(call),
  });
}

/** Input of a transaction that verifies batches; only the trusted aggregator's is accepted. */
export function encodeVerifyBatchesTrustedAggregator(call: VerifyBatchesCall): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "verifyBatchesTrustedAggregator",
    args: verifyArgs(call),
  });
}

function verifyArgs(call: VerifyBatchesCall) {
  return [
    call.initNumBatch,
    call.finalNewBatch,
    call.newStateRoot,
    call.newLeafCount,
    call.newLocalExitRoot,
    call.pubdataHash,
    bytesToHex(call.proof),
  ] as const;
}

/** Input of a transaction that drops unverified batches above `targetBatch`; only the admin's is accepted. */
export function encodeRollbackBatches(targetBatch: bigint): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "rollbackBatches",
    args: [targetBatch],
  });
}

/**
 * Input of a transaction that stops the rollup: the admin's is always accepted, anyone's when batch
 * `sequencedBatch` has waited a week for its proof.
 */
export function encodeActivateEmergencyState(sequencedBatch: bigint): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "activateEmergencyState",
    args: [sequencedBatch],
  });
}

/** Input of a transaction that ends the emergency state; only the admin's is accepted. */
export function encodeDeactivateEmergencyState(): Hex {
  return encodeFunctionData({ abi: ROLLUP_ABI, functionName: "deactivateEmergencyState" });
}

/** Input of a transaction that names the account that sequences; only the admin's is accepted. */
export function encodeSetTrustedSequencer(account: Address): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "setTrustedSequencer",
    args: [account],
  });
}

/** Input of a transaction that names the account that verifies; only the admin's is accepted. */
export function encodeSetTrustedAggregator(account: Address): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "setTrustedAggregator",
    args: [account],
  });
}

/** Input of a transaction that changes the aggregator's timeout; only the admin's is accepted. */
export function encodeSetTrustedAggregatorTimeout(timeoutSec: bigint): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "setTrustedAggregatorTimeout",
    args: [timeoutSec],
  });
}

/** Input of a transaction that changes the timeout of new operations; only the admin's is accepted. */
export function encodeSetForceBatchTimeout(timeoutSec: bigint): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "setForceBatchTimeout",
    args: [timeoutSec],
  });
}

/** Input of a transaction that names the admin's successor; only the admin's is accepted. */
export function encodeTransferAdminRole(account: Address): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "transferAdminRole",
    args: [account],
  });
}

/** Input of a transaction that takes the admin's role; only the named successor's is accepted. */
export function encodeAcceptAdminRole(): Hex {
  return encodeFunctionData({ abi: ROLLUP_ABI, functionName: "acceptAdminRole" });
}

/** Input of a transaction that gives a program a verifier; only the admin's is accepted. */
export function encodeAddVerifier(programHash: Hash32, verifier: Address): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "addVerifier",
    args: [programHash, verifier],
  });
}

/** Input of a transaction that switches a program's verifier off; only the admin's is accepted. */
export function encodeObsoleteVerifier(programHash: Hash32): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "obsoleteVerifier",
    args: [programHash],
  });
}

/** Input of a transaction that lets another program prove from now on; only the admin's is accepted. */
export function encodeUpdateProgram(programHash: Hash32): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "updateProgram",
    args: [programHash],
  });
}

/**
 * The contract's heads. They are read one by one: an L1 block that comes in between may show in
 * some and not in others, so decide by events and use this to look.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readRollupState(client: L1Client, rollup: Address): Promise<RollupState> {
  const [sequenced, verified, timestampSec, queued, consumed, rollingHash, isEmergencyState] =
    await Promise.all([
      callView(client, rollup, "lastBatchSequenced", []),
      callView(client, rollup, "lastVerifiedBatch", []),
      callView(client, rollup, "lastMaxSequenceTimestamp", []),
      callView(client, rollup, "lastForceBatch", []),
      callView(client, rollup, "lastForceBatchSequenced", []),
      callView(client, rollup, "l1ToL2RollingHash", []),
      callView(client, rollup, "isEmergencyState", []),
    ]);
  return {
    lastBatchSequenced: batchNumber(sequenced),
    lastVerifiedBatch: batchNumber(verified),
    lastMaxSequenceTimestampSec: timestampSec,
    lastForceBatch: queued,
    lastForceBatchSequenced: consumed,
    l1ToL2RollingHash: hash32(rollingHash),
    isEmergencyState,
  };
}

/**
 * What the contract was created with, as the admin has changed it since, to compare with the node's
 * own configuration.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readRollupParameters(
  client: L1Client,
  rollup: Address,
): Promise<RollupParameters> {
  const [roles, settings, genesis] = await Promise.all([
    Promise.all([
      callView(client, rollup, "admin", []),
      callView(client, rollup, "trustedSequencer", []),
      callView(client, rollup, "trustedAggregator", []),
      callView(client, rollup, "verifier", []),
    ]),
    Promise.all([
      callView(client, rollup, "trustedAggregatorTimeout", []),
      callView(client, rollup, "forceBatchTimeout", []),
      callView(client, rollup, "chainID", []),
      callView(client, rollup, "programHash", []),
    ]),
    Promise.all([
      callView(client, rollup, "batchNumToStateRoot", [0n]),
      callView(client, rollup, "batchNumToLeafCount", [0n]),
    ]),
  ]);
  const [admin, trustedSequencer, trustedAggregator, verifier] = roles;
  const [trustedAggregatorTimeoutSec, forceBatchTimeoutSec, chainId, programHash] = settings;
  const [genesisStateRoot, genesisLeafCount] = genesis;
  return {
    admin: address(admin),
    trustedSequencer: address(trustedSequencer),
    trustedAggregator: address(trustedAggregator),
    trustedAggregatorTimeoutSec,
    forceBatchTimeoutSec,
    chainId,
    genesisStateRoot: hash32(genesisStateRoot),
    genesisLeafCount,
    programHash: hash32(programHash),
    verifier: address(verifier),
  };
}

/**
 * Who may verify without waiting at present; the admin may name another at any time.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readTrustedAggregator(client: L1Client, rollup: Address): Promise<Address> {
  return address(await callView(client, rollup, "trustedAggregator", []));
}

/**
 * Passes when a rollup contract answers. An L1 that went back behind its deployment takes every call
 * of its address, and does nothing.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function requireRollup(client: L1Client, rollup: Address): Promise<void> {
  await callView(client, rollup, "lastBatchSequenced", []);
}

/**
 * The record of an L1->L2 operation, or `undefined` when the queue has none of that number.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readQueuedOperation(
  client: L1Client,
  rollup: Address,
  number: bigint,
): Promise<QueuedOperation | undefined> {
  const [rollingHash, deadlineSec] = await callView(client, rollup, "forcedBatches", [number]);
  if (number === 0n || rollingHash === ZERO_HASH) return undefined;
  return { rollingHash: hash32(rollingHash), deadlineSec };
}

/**
 * The verifier of a program, or `undefined` when it never had one.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readVerifier(
  client: L1Client,
  rollup: Address,
  programHash: Hash32,
): Promise<ProgramVerifier | undefined> {
  const [verifier, isObsolete, proofKind] = await callView(client, rollup, "verifiers", [
    programHash,
  ]);
  if (verifier === ZERO_ADDRESS) return undefined;
  return { verifier: address(verifier), isObsolete, proofKind };
}

/**
 * The record of a sequenced batch, or `undefined` unless it is the last of a sequence.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readSequencedBatch(
  client: L1Client,
  rollup: Address,
  number: BatchNumber,
): Promise<SequencedBatch | undefined> {
  const [accInputHash, sequencedTimestampSec, previous, maxTimestampSec, lastOperation] =
    await callView(client, rollup, "sequencedBatches", [number]);
  if (accInputHash === ZERO_HASH) return undefined;
  return {
    accInputHash: hash32(accInputHash),
    sequencedTimestampSec,
    previousLastBatchSequenced: batchNumber(previous),
    maxSequenceTimestampSec: maxTimestampSec,
    lastForceBatchSequenced: lastOperation,
  };
}

/**
 * The record of a verified batch, or `undefined` unless a proof ended with it (or it is batch 0).
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readVerifiedBatch(
  client: L1Client,
  rollup: Address,
  number: BatchNumber,
): Promise<VerifiedBatch | undefined> {
  const [stateRoot, leafCount, localExitRoot, proofKind] = await Promise.all([
    callView(client, rollup, "batchNumToStateRoot", [number]),
    callView(client, rollup, "batchNumToLeafCount", [number]),
    callView(client, rollup, "batchNumToLocalExitRoot", [number]),
    callView(client, rollup, "batchNumToProofKind", [number]),
  ]);
  if (stateRoot === ZERO_HASH) return undefined;
  return {
    stateRoot: hash32(stateRoot),
    leafCount,
    localExitRoot: hash32(localExitRoot),
    proofKind,
  };
}

/**
 * The hash that the contract itself would ask a proof for; `hashPublicInputs` must give the same.
 *
 * @throws `L1_REVERTED` when a batch or the new root is unusable, `L1_ROLLUP_MISSING`
 */
export async function readPublicInputsHash(
  client: L1Client,
  rollup: Address,
  query: PublicInputsQuery,
): Promise<Hash32> {
  return hash32(
    await callView(client, rollup, "getPublicInputsHash", [
      query.prover,
      query.initNumBatch,
      query.finalNewBatch,
      query.newStateRoot,
      query.newLeafCount,
      query.newLocalExitRoot,
      query.pubdataHash,
    ]),
  );
}

type RollupAbi = typeof ROLLUP_ABI;
type ViewName = ContractFunctionName<RollupAbi, "view">;
type ViewArgs<Name extends ViewName> = ContractFunctionArgs<RollupAbi, "view", Name>;
type ViewResult<Name extends ViewName> = ContractFunctionReturnType<
  RollupAbi,
  "view",
  Name,
  ViewArgs<Name>
>;

/** The same ABI without its literal types, which TypeScript cannot follow through a generic call. */
const WIDE_ROLLUP_ABI: Abi = ROLLUP_ABI;

/** Asks one view; what comes back is decoded by the contract's own ABI. */
async function callView<const Name extends ViewName>(
  client: L1Client,
  rollup: Address,
  functionName: Name,
  args: ViewArgs<Name> & readonly unknown[],
): Promise<ViewResult<Name>> {
  assert(rollup !== ZERO_ADDRESS, "a rollup is never at the zero address");
  const wideName: string = functionName;
  const data = encodeFunctionData({ abi: WIDE_ROLLUP_ABI, functionName: wideName, args });
  const answer = await client.call({ to: rollup, data });
  try {
    const result: unknown = decodeFunctionResult({
      abi: WIDE_ROLLUP_ABI,
      functionName: wideName,
      args,
      data: answer,
    });
    // The value was decoded by the very ABI that this type is computed from.
    return result as ViewResult<Name>;
  } catch (cause) {
    throw rollupMissing(rollup, functionName, answer, cause);
  }
}

function rollupMissing(
  rollup: Address,
  functionName: string,
  answer: Hex,
  cause: unknown,
): RollupError<L1ErrorCode> {
  return new RollupError(
    "L1_ROLLUP_MISSING",
    `Cannot read ${functionName} of the rollup at ${rollup}: got ${(answer.length - 2) / 2} bytes`,
    {
      details: { rollup, functionName },
      mend:
        "Check the rollup's address and that the L1 is the one it was deployed on. An L1 that " +
        "has lost the contract needs it again: `deploy`, or restart a devnet with an L1 of its own.",
      cause,
    },
  );
}
