/**
 * From the node's tables to a batch's witness: the one place where a prover's input is gathered.
 *
 * The batch is executed once more on the state it started from, and what that run reads is what
 * the witness holds. Owns gathering. Does not own the shape (`proving/witness.ts`) or proving.
 * @module
 */
import { EMPTY_L1_TO_L2_ROLLING_HASH } from "../batching/acc_input_hash.ts";
import type { Hash32 } from "../primitives/hex.ts";
import type { ProofJob } from "../proving/prover.ts";
import { EMPTY_LOG_ROOT, NO_PUBDATA_HASH } from "../batching/pubdata.ts";
import type { PublicInputs } from "../proving/public_inputs.ts";
import { encodeBatchWitness } from "../proving/witness.ts";
import { readBatchData, requireBatch } from "../store/batches.ts";
import { requireBlock, requireBlockSummary } from "../store/blocks.ts";
import type { Batch } from "../types/batch.ts";
import {
  flatKey,
  GAS_PER_PUBDATA_SLOT,
  HEADER_COMMITMENT_SLOT,
  type SlotId,
  SYSTEM_CONTEXT_ADDRESS,
} from "../types/state.ts";
import { decodeTransaction } from "../types/tx.ts";
import { executeBlock } from "../vm/block_transition.ts";
import type { StoragePort } from "../vm/executor.ts";
import type { Node } from "./node.ts";

/** The job of proving batch `number`: its witness and the public inputs that were sealed. */
export async function gatherProofJob(node: Node, number: bigint): Promise<ProofJob> {
  const batch = await requireBatch(node.kv, number);
  const parentNumber = batch.firstBlock - 1n;
  const parent = await requireBlockSummary(node.kv, parentNumber);
  const touched = await reexecute(node, batch);
  const latest = node.tip.get().header.number;
  const tree = await node.state.withTreeAt(
    parentNumber,
    latest,
    (past) => past.multiProof(touched.keys.values()),
  );
  const witness = encodeBatchWitness({
    chainId: node.config.chainId,
    prover: node.l1.aggregator.address,
    coinbase: batch.coinbase,
    initNumBatch: number - 1n,
    oldAccInputHash: batch.oldAccInputHash,
    l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
    limitTimestampSec: batch.limitTimestampSec,
    parentHeader: parent.header,
    batchData: await readBatchData(node.kv, number),
    tree,
    codes: [...touched.codes].toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([, code]) => code),
  });
  return { batchNumber: number, witness, publicInputs: sealedInputs(node, batch) };
}

/** What a proof of `batch` must claim. */
export function sealedInputs(node: Node, batch: Batch): PublicInputs {
  return {
    prover: node.l1.aggregator.address,
    oldStateRoot: batch.oldStateRoot,
    oldLeafCount: batch.oldLeafCount,
    oldAccInputHash: batch.oldAccInputHash,
    initNumBatch: batch.number - 1n,
    chainId: node.config.chainId,
    programHash: node.executor.programHash,
    newStateRoot: batch.newStateRoot,
    newLeafCount: batch.newLeafCount,
    newAccInputHash: batch.newAccInputHash,
    newLocalExitRoot: EMPTY_LOG_ROOT,
    pubdataHash: NO_PUBDATA_HASH,
    finalNewBatch: batch.number,
  };
}

interface Touched {
  /** Tree keys of slots that are read or written, by address and slot. */
  readonly keys: ReadonlyMap<string, Uint8Array>;
  readonly codes: ReadonlyMap<Hash32, Uint8Array>;
}

/** Runs the batch's blocks on the past state and notes what they read and write of it. */
async function reexecute(node: Node, batch: Batch): Promise<Touched> {
  const base = node.state.at(batch.firstBlock - 1n);
  const keys = new Map<string, Uint8Array>();
  const codes = new Map<Hash32, Uint8Array>();
  const changed = new Map<string, Hash32>();
  const deployed = new Map<Hash32, Uint8Array>();
  const noted = new Set<Hash32>();
  const known = new Map<string, Hash32>();
  const note = (id: SlotId) => {
    const name = `${id.address}${id.slot}`;
    if (!keys.has(name)) keys.set(name, flatKey(id));
  };
  const storage: StoragePort = {
    readSlot: async (address, slot) => {
      const name = `${address}${slot}`;
      note({ address, slot });
      const value = changed.get(name) ?? known.get(name) ?? await base.readSlot(address, slot);
      known.set(name, value);
      return value;
    },
    isWritten: (address, slot) => changed.has(`${address}${slot}`) || base.isWritten(address, slot),
    readCode: async (codeHash) => {
      const fresh = deployed.get(codeHash);
      if (fresh !== undefined) return fresh;
      const code = await base.readCode(codeHash);
      codes.set(codeHash, code);
      return code;
    },
    noteCode: (codeHash) => {
      if (!deployed.has(codeHash)) noted.add(codeHash);
    },
  };
  note({ address: SYSTEM_CONTEXT_ADDRESS, slot: HEADER_COMMITMENT_SLOT });
  note({ address: SYSTEM_CONTEXT_ADDRESS, slot: GAS_PER_PUBDATA_SLOT });
  let { header: parent } = await requireBlockSummary(node.kv, batch.firstBlock - 1n);
  for (let number = batch.firstBlock; number <= batch.lastBlock; number++) {
    const block = await requireBlock(node.kv, number);
    const result = await executeBlock({
      executor: node.executor,
      storage,
      config: node.config,
      parent,
      timestampSec: block.header.timestampSec,
      transactions: block.transactions.map((tx) => ({
        tx: decodeTransaction(tx.raw),
        sender: tx.sender,
        raw: tx.raw,
      })),
    });
    for (const diff of result.diffs) {
      note(diff);
      changed.set(`${diff.address}${diff.slot}`, diff.newValue);
    }
    for (const [codeHash, code] of result.newCodes) deployed.set(codeHash, code);
    parent = block.header;
  }
  for (const codeHash of noted) {
    if (!codes.has(codeHash)) codes.set(codeHash, await base.readCode(codeHash));
  }
  return { keys, codes };
}
