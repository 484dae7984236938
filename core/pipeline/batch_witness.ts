/**
 * From the node's tables to a batch's witness: the one place where a prover's input is gathered.
 *
 * The batch is executed once more on the state it started from, and what that run reads is what
 * the witness holds. Owns gathering. Does not own the shape (`proving/witness.ts`) or proving.
 * @module
 */
import { EMPTY_L1_TO_L2_ROLLING_HASH, rollOperation } from "../batching/acc_input_hash.ts";
import { planBatch, type PlannedBlock } from "../batching/batch_plan.ts";
import { EMPTY_LOG_ROOT, NO_PUBDATA_HASH } from "../batching/pubdata.ts";
import { assert, RollupError } from "../primitives/errors.ts";
import { type Address, type Hash32, ZERO_HASH } from "../primitives/hex.ts";
import type { ProofJob } from "../proving/prover.ts";
import type { PublicInputs } from "../proving/public_inputs.ts";
import { encodeBatchWitness } from "../proving/witness.ts";
import { readBatchData, requireBatch } from "../store/batches.ts";
import { type BlockSummary, readTransactions, requireBlockSummary } from "../store/blocks.ts";
import { type OperationErrorCode, requireOperations } from "../store/operations.ts";
import type { Batch } from "../types/batch.ts";
import {
  flatKey,
  GAS_PER_PUBDATA_SLOT,
  HEADER_COMMITMENT_SLOT,
  type SlotId,
  SYSTEM_CONTEXT_ADDRESS,
} from "../types/state.ts";
import { executePlannedBlock } from "../vm/block_transition.ts";
import type { StoragePort } from "../vm/executor.ts";
import type { L1Account, Node } from "./node.ts";

/** What of a node a witness is gathered from. */
export interface WitnessSource extends Pick<Node, "kv" | "config" | "executor" | "state" | "tip"> {
  readonly l1: { readonly aggregator: Pick<L1Account, "address"> };
}

/**
 * The job of proving batch `number`: its witness and the public inputs that were sealed.
 *
 * @throws `OPERATION_UNKNOWN` when L1 has not the operations that the batch consumes.
 */
export async function gatherProofJob(node: WitnessSource, number: bigint): Promise<ProofJob> {
  const [job] = await gatherProofJobs(node, number, number);
  assert(job !== undefined, "every batch of a range has its job");
  return job;
}

/**
 * The jobs of proving batches `first` to `last`, in order, at less than their cost one by one: the
 * state goes back to the first of them only once.
 *
 * @throws `OPERATION_UNKNOWN` when L1 has not the operations that one of them consumes.
 */
export async function gatherProofJobs(
  node: WitnessSource,
  first: bigint,
  last: bigint,
): Promise<readonly ProofJob[]> {
  const facts: BatchFacts[] = [];
  for (let number = first; number <= last; number++) facts.push(await gatherFacts(node, number));
  const trees = await node.state.walkTree(
    facts.map(({ parent }) => parent.header.number),
    node.tip.get().header.number,
    (past, position) => past.multiProof(facts[position]?.touched.keys.values() ?? []),
  );
  return facts.map(({ batch, previous, parent, batchData, operations, touched }, position) => {
    const tree = trees[position];
    assert(tree !== undefined, "the walk has visited every batch");
    const witness = encodeBatchWitness({
      chainId: node.config.chainId,
      prover: node.l1.aggregator.address,
      coinbase: batch.coinbase,
      initNumBatch: batch.number - 1n,
      previous,
      operations,
      limitTimestampSec: batch.limitTimestampSec,
      parentHeader: parent.header,
      batchData,
      tree,
      codes: [...touched.codes].toSorted(([left], [right]) => (left < right ? -1 : 1))
        .map(([, code]) => code),
    });
    return { batchNumber: batch.number, witness, publicInputs: sealedInputs(node, batch) };
  });
}

/** All that a witness holds but for the tree. */
interface BatchFacts {
  readonly batch: Batch;
  readonly previous: Batch | undefined;
  /** The block before its first one. */
  readonly parent: BlockSummary;
  readonly batchData: Uint8Array;
  readonly operations: readonly Uint8Array[];
  readonly touched: Touched;
}

async function gatherFacts(node: WitnessSource, number: bigint): Promise<BatchFacts> {
  const batch = await requireBatch(node.kv, number);
  const previous = number === 1n ? undefined : await requireBatch(node.kv, number - 1n);
  const parent = await requireBlockSummary(node.kv, batch.firstBlock - 1n);
  const batchData = await readBatchData(node.kv, number);
  const operations = await gatherOperations(node, batch, previous);
  const { blocks } = planBatch({
    data: batchData,
    operations,
    parentTimestampSec: parent.header.timestampSec,
    limitTimestampSec: batch.limitTimestampSec,
    blockGasLimit: parent.header.gasLimit,
    knownSenders: await includedSenders(node, batch),
  });
  assert(
    BigInt(blocks.length) === batch.lastBlock + 1n - batch.firstBlock,
    "a sealed batch has the blocks that its data and its operations mean",
  );
  const touched = await reexecute(node, batch, parent, blocks);
  return { batch, previous, parent, batchData, operations, touched };
}

/** Who sent what is included in the batch's blocks, which were checked when they were made. */
async function includedSenders(
  { kv }: WitnessSource,
  { firstBlock, lastBlock }: Batch,
): Promise<ReadonlyMap<Hash32, Address>> {
  const senders = new Map<Hash32, Address>();
  for (let number: bigint = firstBlock; number <= lastBlock; number++) {
    for (const { hash, sender } of await readTransactions(kv, number)) senders.set(hash, sender);
  }
  return senders;
}

/** The bytes of the operations that `batch` consumes, as L1 has them now. */
async function gatherOperations(
  node: WitnessSource,
  batch: Batch,
  previous: Batch | undefined,
): Promise<readonly Uint8Array[]> {
  const first = (previous?.lastOperation ?? 0n) + 1n;
  const stored = await requireOperations(node.kv, first, batch.lastOperation);
  const operations = stored.map(({ raw }) => raw);
  const oldRollingHash = previous?.l1ToL2RollingHash ?? EMPTY_L1_TO_L2_ROLLING_HASH;
  const l1ToL2RollingHash = operations.reduce(rollOperation, oldRollingHash);
  if (l1ToL2RollingHash === batch.l1ToL2RollingHash) return operations;
  throw new RollupError<OperationErrorCode>(
    "OPERATION_UNKNOWN",
    `Cannot prove batch ${batch.number} as L1 must have the operations that it consumes: ` +
      `L1 has others from ${first} to ${batch.lastOperation}`,
    {
      details: {
        batchNumber: batch.number,
        consumed: batch.l1ToL2RollingHash,
        found: l1ToL2RollingHash,
      },
      mend: "Run `sync` to follow what L1 has now; a reorganisation has changed its queue.",
    },
  );
}

/** What a proof of `batch` must claim. */
export function sealedInputs(node: WitnessSource, batch: Batch): PublicInputs {
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

/**
 * Runs all that the batch's data and operations tell on the past state, what is skipped included,
 * and notes what that reads and writes of it.
 */
async function reexecute(
  node: WitnessSource,
  batch: Batch,
  parent: BlockSummary,
  blocks: readonly PlannedBlock[],
): Promise<Touched> {
  const base = await openBaseState(node, batch, parent);
  const keys = new Map<string, Uint8Array>();
  const codes = new Map<Hash32, Uint8Array>();
  const changed = new Map<string, Hash32>();
  const deployed = new Map<Hash32, Uint8Array>();
  const noted = new Set<Hash32>();
  const note = (id: SlotId) => {
    const name = slotName(id);
    if (!keys.has(name)) keys.set(name, flatKey(id));
    return name;
  };
  const storage: StoragePort = {
    readSlot: (address, slot) =>
      changed.get(note({ address, slot })) ?? base.readSlot(address, slot),
    isWritten: (address, slot) =>
      changed.has(slotName({ address, slot })) || base.isWritten(address, slot),
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
  if (blocks.length > 0) note({ address: SYSTEM_CONTEXT_ADDRESS, slot: GAS_PER_PUBDATA_SLOT });
  const config = { ...node.config, coinbase: batch.coinbase };
  let { header } = parent;
  for (const block of blocks) {
    const start = { executor: node.executor, storage, config, parent: header };
    const { result } = await executePlannedBlock({ ...start, block });
    for (const diff of result.diffs) changed.set(note(diff), diff.newValue);
    for (const [codeHash, code] of result.newCodes) deployed.set(codeHash, code);
    ({ header } = await requireBlockSummary(node.kv, header.number + 1n));
  }
  for (const codeHash of noted) {
    if (!codes.has(codeHash)) codes.set(codeHash, await base.readCode(codeHash));
  }
  return { keys, codes };
}

/**
 * The state after `parent`, with few reads of the database: most slots that a batch reads are ones
 * that it writes, whose old values are in its blocks' diffs, or ones that were never written, which
 * the tree in memory tells, as a leaf never changes its place.
 */
async function openBaseState(
  node: WitnessSource,
  batch: Batch,
  { header, leafCount }: BlockSummary,
): Promise<StoragePort> {
  const past = node.state.at(header.number);
  const known = new Map<string, Hash32>();
  for (let number = batch.firstBlock; number <= batch.lastBlock; number++) {
    for (const diff of await node.state.diffsOf(number)) {
      const name = slotName(diff);
      if (!known.has(name)) known.set(name, diff.oldValue);
    }
  }
  const isWritten = (address: Address, slot: Hash32): boolean => {
    const index = node.state.tree.indexOf(flatKey({ address, slot }));
    return index !== undefined && BigInt(index) < leafCount;
  };
  const fetchSlot = async (address: Address, slot: Hash32): Promise<Hash32> => {
    const value = await past.readSlot(address, slot);
    known.set(slotName({ address, slot }), value);
    return value;
  };
  return {
    ...past,
    readSlot: (address, slot) =>
      known.get(slotName({ address, slot })) ??
        (isWritten(address, slot) ? fetchSlot(address, slot) : ZERO_HASH),
    isWritten,
  };
}

function slotName({ address, slot }: SlotId): string {
  return `${address}${slot}`;
}
