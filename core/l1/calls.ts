/**
 * Calls of the rollup's contracts: input of transactions.
 *
 * Owns encoding. Does not own views (`rollup_views.ts`), decoding of what others sequenced
 * (`sequence_calldata.ts`), nor sending (`transaction.ts`).
 * @module
 */
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { type Address, bytesToHex, type Hash32, type Hex } from "../primitives/hex.ts";
import { MOCK_VERIFIER_BYTECODE, ROLLUP_ABI, ROLLUP_BYTECODE } from "./contracts/generated.ts";
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
