/**
 * What the rollup contract says of itself: its views, asked through an {@linkcode L1Client}.
 *
 * Owns reading and decoding. Does not own calls that change anything (`calls.ts`).
 * @module
 */
// Only types come from the whole library: it loads three times as slowly as its `utils`.
import type {
  Abi,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
} from "viem";
import { decodeFunctionResult, encodeFunctionData } from "viem/utils";
import { assert, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  address,
  type Hash32,
  hash32,
  type Hex,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { type BatchNumber, batchNumber } from "../primitives/units.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
import type { RollupParameters, VerifyBatchesCall } from "./calls.ts";
import type { L1Client, L1ErrorCode } from "./l1_client.ts";

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
