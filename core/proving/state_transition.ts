/**
 * The transition of one batch, from its witness alone.
 *
 * Owns what a proof is about: old root and batch data in, public inputs out. It is total in the
 * batch data, as L1 accepts any bytes: malformed data changes no state and still counts. Does not
 * own making or checking a proof of it.
 * @module
 */
import { accInputHash } from "../batching/acc_input_hash.ts";
import { decodeBatchData } from "../batching/batch_data.ts";
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
import { decodeTransaction, recoverSender } from "../types/tx.ts";
import { executeBlock, sealHeader } from "../vm/block_transition.ts";
import type { ExecutableTx, Executor, StoragePort } from "../vm/executor.ts";
import { EMPTY_LOG_ROOT, NO_PUBDATA_HASH } from "../batching/pubdata.ts";
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
  const codes = new Map(witness.codes.map((code) => [keccak256(code), code]));
  const usedCodes = new Set<Hash32>();
  const storage = witnessStorage(tree, codes, usedCodes);

  const decoded = decodeBatchData(
    witness.batchData,
    parentHeader.timestampSec,
    witness.limitTimestampSec,
  );
  let parent = parentHeader;
  for (const block of decoded.ok ? decoded.blocks : []) {
    const result = await executeBlock({
      executor: machine.executor,
      storage,
      config: {
        chainId: witness.chainId,
        coinbase: witness.coinbase,
        blockGasLimit: parentHeader.gasLimit,
        // The state binds the price of pubdata; the program compares.
        gasPerPubdata: hash32ToBigint(
          storage.readSlot(SYSTEM_CONTEXT_ADDRESS, GAS_PER_PUBDATA_SLOT),
        ),
      },
      parent,
      timestampSec: block.timestampSec,
      transactions: block.transactions.flatMap(executable),
    });
    tree.applyWrites(result.diffs.map(diffToWrite));
    for (const [codeHash, code] of result.newCodes) {
      if (!codes.has(codeHash)) codes.set(codeHash, code), usedCodes.add(codeHash);
    }
    parent = sealHeader(result.draftHeader, bytesToHash32(tree.root()));
  }
  refuseExtraEntries(tree, codes, usedCodes);
  return {
    prover: witness.prover,
    oldStateRoot: parentHeader.stateRoot,
    oldLeafCount,
    oldAccInputHash: witness.oldAccInputHash,
    initNumBatch: witness.initNumBatch,
    chainId: witness.chainId,
    programHash: machine.executor.programHash,
    newStateRoot: bytesToHash32(tree.root()),
    newLeafCount: BigInt(tree.leafCount()),
    newAccInputHash: accInputHash({
      oldAccInputHash: witness.oldAccInputHash,
      batchDataHash: keccak256(witness.batchData),
      l1ToL2RollingHash: witness.l1ToL2RollingHash,
      limitTimestampSec: witness.limitTimestampSec,
      coinbase: witness.coinbase,
    }),
    newLocalExitRoot: EMPTY_LOG_ROOT,
    pubdataHash: NO_PUBDATA_HASH,
    finalNewBatch: witness.initNumBatch + 1n,
  };
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

function witnessStorage(
  tree: PartialTree,
  codes: ReadonlyMap<Hash32, Uint8Array>,
  usedCodes: Set<Hash32>,
): WitnessStorage {
  const readCode = (codeHash: Hash32): Uint8Array => {
    const code = codes.get(codeHash);
    if (code === undefined) throw missingCode(codeHash);
    usedCodes.add(codeHash);
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
  };
}

/** Bytes that are no valid transaction change nothing (polygon-zkevm, section 2.5). */
function executable(raw: Uint8Array): ExecutableTx[] {
  try {
    const tx = decodeTransaction(raw);
    return [{ tx, sender: recoverSender(tx), raw }];
  } catch (error) {
    if (error instanceof RollupError) return [];
    throw error;
  }
}

function diffToWrite(diff: StateDiff): { key: Uint8Array; value: Uint8Array } {
  return { key: flatKey(diff), value: hexToBytes(diff.newValue) };
}

function refuseExtraEntries(
  tree: PartialTree,
  codes: ReadonlyMap<Hash32, Uint8Array>,
  usedCodes: ReadonlySet<Hash32>,
): void {
  const [extraLeaf] = tree.unusedEntries();
  const extraCode = [...codes.keys()].find((codeHash) => !usedCodes.has(codeHash));
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
