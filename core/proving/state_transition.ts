/**
 * The transition of one batch, from its witness alone.
 *
 * Owns what a proof is about: old root, batch data and L1->L2 operations in, public inputs out. It
 * is total in both, as L1 accepts any bytes. Does not own what they mean (`batching/batch_plan.ts`)
 * or making and checking a proof of it.
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
  rollOperation,
} from "../batching/acc_input_hash.ts";
import { planBatch } from "../batching/batch_plan.ts";
import { EMPTY_LOG_ROOT, NO_PUBDATA_HASH } from "../batching/pubdata.ts";
import { keccak256 } from "../crypto/keccak.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hash32ToBigint,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { openPartialTree, type PartialTree, type TreeHash } from "../tree/mod.ts";
import { type BlockHeader, encodeHeader } from "../types/block.ts";
import {
  flatKey,
  GAS_PER_PUBDATA_SLOT,
  HEADER_COMMITMENT_SLOT,
  type StateDiff,
  SYSTEM_CONTEXT_ADDRESS,
} from "../types/state.ts";
import { executePlannedBlock, sealHeader } from "../vm/block_transition.ts";
import type { Executor, StoragePort } from "../vm/executor.ts";
import type { PublicInputs } from "./public_inputs.ts";
import type { BatchWitness, WitnessErrorCode } from "./witness.ts";

/** What runs the transition: the program and the tree's hash. */
export interface TransitionMachine {
  readonly executor: Executor;
  readonly treeHash: TreeHash;
}

/**
 * Re-executes the batch of `witness` and says what a proof of it would claim.
 *
 * @throws `WITNESS_ROOT_MISMATCH`, `WITNESS_PARENT_MISMATCH`, `WITNESS_ENTRY_MISSING`,
 * `WITNESS_ENTRY_EXTRA`.
 */
export async function runBatch(
  witness: BatchWitness,
  machine: TransitionMachine,
): Promise<PublicInputs> {
  const { parentHeader } = witness;
  const tree = openPartialTree(machine.treeHash, witness.tree, hexToBytes(parentHeader.stateRoot));
  const oldLeafCount = BigInt(tree.leafCount());
  checkParent(tree, parentHeader);
  const codes: WitnessCodes = {
    known: new Map(witness.codes.map((code) => [keccak256(code), code])),
    used: new Set(),
  };
  await runBlocks(witness, machine, tree, codes);
  refuseExtraEntries(tree, codes);
  return {
    prover: witness.prover,
    oldStateRoot: parentHeader.stateRoot,
    oldLeafCount,
    initNumBatch: witness.initNumBatch,
    chainId: witness.chainId,
    programHash: machine.executor.programHash,
    newStateRoot: bytesToHash32(tree.root()),
    newLeafCount: BigInt(tree.leafCount()),
    ...accInputHashes(witness),
    newLocalExitRoot: EMPTY_LOG_ROOT,
    pubdataHash: NO_PUBDATA_HASH,
    finalNewBatch: witness.initNumBatch + 1n,
  };
}

/** Codes of a witness and those that were deployed since, and which of them were needed. */
interface WitnessCodes {
  readonly known: Map<Hash32, Uint8Array>;
  readonly used: Set<Hash32>;
}

/** Leaves `tree` in the state after the batch. */
async function runBlocks(
  witness: BatchWitness,
  { executor }: TransitionMachine,
  tree: PartialTree,
  codes: WitnessCodes,
): Promise<void> {
  const { parentHeader, chainId, coinbase } = witness;
  const storage = witnessStorage(tree, codes);
  const plan = planBatch({
    data: witness.batchData,
    operations: witness.operations,
    parentTimestampSec: parentHeader.timestampSec,
    limitTimestampSec: witness.limitTimestampSec,
    blockGasLimit: parentHeader.gasLimit,
  });
  let parent = parentHeader;
  for (const block of plan.blocks) {
    // The state binds the price of pubdata; the program compares.
    const price = storage.readSlot(SYSTEM_CONTEXT_ADDRESS, GAS_PER_PUBDATA_SLOT);
    const blockGasLimit = parentHeader.gasLimit;
    const config = { chainId, coinbase, blockGasLimit, gasPerPubdata: hash32ToBigint(price) };
    const { result } = await executePlannedBlock({ executor, storage, config, parent, block });
    tree.applyWrites(result.diffs.map(diffToWrite));
    for (const [codeHash, code] of result.newCodes) {
      if (codes.known.has(codeHash)) continue;
      codes.known.set(codeHash, code);
      codes.used.add(codeHash);
    }
    parent = sealHeader(result.draftHeader, bytesToHash32(tree.root()));
  }
}

/** The chain of inputs before and after the batch; both rolling hashes are bound by it. */
function accInputHashes(
  witness: BatchWitness,
): Pick<PublicInputs, "oldAccInputHash" | "newAccInputHash"> {
  const { previous, operations, batchData, limitTimestampSec, coinbase } = witness;
  const oldAccInputHash = previous === undefined ? GENESIS_ACC_INPUT_HASH : accInputHash(previous);
  const oldRollingHash = previous?.l1ToL2RollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
  const l1ToL2RollingHash = operations.reduce(rollOperation, oldRollingHash);
  const newAccInputHash = accInputHash({
    oldAccInputHash,
    batchData,
    l1ToL2RollingHash,
    limitTimestampSec,
    coinbase,
  });
  return { oldAccInputHash, newAccInputHash };
}

/** The commitment that a header leaves in the state: itself with the state root zeroed. */
function checkParent(tree: PartialTree, parentHeader: BlockHeader): void {
  const slot = { address: SYSTEM_CONTEXT_ADDRESS, slot: HEADER_COMMITMENT_SLOT };
  const committed = tree.get(flatKey(slot));
  const given = keccak256(encodeHeader({ ...parentHeader, stateRoot: ZERO_HASH }));
  if (committed !== undefined && bytesToHash32(committed) === given) return;
  throw new RollupError<WitnessErrorCode>(
    "WITNESS_PARENT_MISMATCH",
    "Cannot start from the witness's parent header: the old state commits to another one",
    {
      details: { given, committed: committed === undefined ? null : bytesToHash32(committed) },
      mend: "Ask the sequencer for the job again; the witness is not of this chain.",
    },
  );
}

/** A witness is in memory: nothing of it has to be fetched. */
interface WitnessStorage extends StoragePort {
  readSlot(address: Address, slot: Hash32): Hash32;
}

function witnessStorage(tree: PartialTree, codes: WitnessCodes): WitnessStorage {
  const readCode = (codeHash: Hash32): Uint8Array => {
    const code = codes.known.get(codeHash);
    if (code === undefined) throw missingCode(codeHash);
    codes.used.add(codeHash);
    return code;
  };
  return {
    readSlot: (address, slot) => {
      const value = tree.get(flatKey({ address, slot }));
      return value === undefined ? ZERO_HASH : bytesToHash32(value);
    },
    isWritten: (address, slot) => tree.get(flatKey({ address, slot })) !== undefined,
    readCode,
    noteCode: readCode,
    isAtHand: true,
  };
}

function diffToWrite(diff: StateDiff): { key: Uint8Array; value: Uint8Array } {
  return { key: flatKey(diff), value: hexToBytes(diff.newValue) };
}

function refuseExtraEntries(tree: PartialTree, codes: WitnessCodes): void {
  const [extraLeaf] = tree.unusedEntries();
  const extraCode = [...codes.known.keys()].find((codeHash) => !codes.used.has(codeHash));
  if (extraLeaf === undefined && extraCode === undefined) return;
  throw new RollupError<WitnessErrorCode>(
    "WITNESS_ENTRY_EXTRA",
    "Cannot accept the witness as it must hold only what the batch needs: it has more",
    {
      details: { leafIndex: extraLeaf?.index, codeHash: extraCode },
      mend: "Ask the sequencer for the job again; the witness was changed.",
    },
  );
}

function missingCode(codeHash: Hash32): RollupError<WitnessErrorCode> {
  return new RollupError(
    "WITNESS_ENTRY_MISSING",
    `Cannot run the batch from its witness: the code ${codeHash} is not in it`,
    {
      details: { codeHash },
      mend: "Ask the sequencer for the job again; the witness was changed.",
    },
  );
}
