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

/** What a rollup contract is created with; nothing of it changes later. */
export interface RollupParameters {
  readonly trustedSequencer: Address;
  readonly trustedAggregator: Address;
  /** Seconds after sequencing until anyone may verify; at most a week. */
  readonly trustedAggregatorTimeoutSec: bigint;
  /** Chain id of the L2. */
  readonly chainId: bigint;
  readonly genesisStateRoot: Hash32;
  readonly genesisLeafCount: bigint;
  /** Hash of the program that every proof must have executed. */
  readonly programHash: Hash32;
  /** Contract that judges proofs. */
  readonly verifier: Address;
}

/** The arguments of one `verifyBatches` call. */
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
  /** `maxSequenceTimestamp` of the latest sequence: the least that the next one may have. */
  readonly lastMaxSequenceTimestampSec: bigint;
  /** Rolling hash that the next sequence's batches will be bound to. */
  readonly l1ToL2RollingHash: Hash32;
}

/** What the contract keeps of the last batch of a sequence. */
export interface SequencedBatch {
  readonly accInputHash: Hash32;
  /** Timestamp of the L1 block that sequenced it. */
  readonly sequencedTimestampSec: bigint;
  /** Last batch of the sequence before. */
  readonly previousLastBatchSequenced: BatchNumber;
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
      trustedSequencer: parameters.trustedSequencer,
      trustedAggregator: parameters.trustedAggregator,
      trustedAggregatorTimeout: parameters.trustedAggregatorTimeoutSec,
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

/** Input of a transaction that sequences batches. */
export function encodeSequenceBatches(call: SequenceBatchesCall): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "sequenceBatches",
    args: [
      call.batches.map((batchData) => ({
        transactions: bytesToHex(batchData),
        forcedGlobalExitRoot: ZERO_HASH,
        forcedTimestamp: 0n,
        forcedBlockHashL1: ZERO_HASH,
      })),
      call.maxSequenceTimestampSec,
      call.initSequencedBatch,
      call.l2Coinbase,
    ],
  });
}

/** Input of a transaction that verifies batches. */
export function encodeVerifyBatches(call: VerifyBatchesCall): Hex {
  return encodeFunctionData({
    abi: ROLLUP_ABI,
    functionName: "verifyBatches",
    args: [
      call.initNumBatch,
      call.finalNewBatch,
      call.newStateRoot,
      call.newLeafCount,
      call.newLocalExitRoot,
      call.pubdataHash,
      bytesToHex(call.proof),
    ],
  });
}

/**
 * The contract's heads. They are read one by one: an L1 block that comes in between may show in
 * some and not in others, so decide by events and use this to look.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readRollupState(client: L1Client, rollup: Address): Promise<RollupState> {
  const [sequenced, verified, timestampSec, rollingHash] = await Promise.all([
    callView(client, rollup, "lastBatchSequenced", []),
    callView(client, rollup, "lastVerifiedBatch", []),
    callView(client, rollup, "lastMaxSequenceTimestamp", []),
    callView(client, rollup, "l1ToL2RollingHash", []),
  ]);
  return {
    lastBatchSequenced: batchNumber(sequenced),
    lastVerifiedBatch: batchNumber(verified),
    lastMaxSequenceTimestampSec: timestampSec,
    l1ToL2RollingHash: hash32(rollingHash),
  };
}

/**
 * What the contract was created with, to compare with the node's own configuration.
 *
 * @throws `L1_ROLLUP_MISSING`
 */
export async function readRollupParameters(
  client: L1Client,
  rollup: Address,
): Promise<RollupParameters> {
  const [sequencer, aggregator, timeoutSec, chainId, root, leafCount, programHash, verifier] =
    await Promise.all([
      callView(client, rollup, "trustedSequencer", []),
      callView(client, rollup, "trustedAggregator", []),
      callView(client, rollup, "trustedAggregatorTimeout", []),
      callView(client, rollup, "chainID", []),
      callView(client, rollup, "batchNumToStateRoot", [0n]),
      callView(client, rollup, "batchNumToLeafCount", [0n]),
      callView(client, rollup, "programHash", []),
      callView(client, rollup, "verifier", []),
    ]);
  return {
    trustedSequencer: address(sequencer),
    trustedAggregator: address(aggregator),
    trustedAggregatorTimeoutSec: timeoutSec,
    chainId,
    genesisStateRoot: hash32(root),
    genesisLeafCount: leafCount,
    programHash: hash32(programHash),
    verifier: address(verifier),
  };
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
  const [accInputHash, sequencedTimestampSec, previous] = await callView(
    client,
    rollup,
    "sequencedBatches",
    [number],
  );
  if (accInputHash === ZERO_HASH) return undefined;
  return {
    accInputHash: hash32(accInputHash),
    sequencedTimestampSec,
    previousLastBatchSequenced: batchNumber(previous),
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
      mend: "Check the rollup's address and that the L1 is the one it was deployed on.",
      cause,
    },
  );
}
