/**
 * Following L1: a batch that L1 has and that was not sealed here is executed from its data.
 *
 * Owns turning virtual batches into blocks and sealed batches, a block a step, and what happens when
 * blocks are there already that L1 contradicts. Does not own reading L1 (`stages/sync_l1.ts`) or
 * what a batch means (`batching/batch_plan.ts`).
 * @module
 */
import { GENESIS_ACC_INPUT_HASH } from "../batching/acc_input_hash.ts";
import { type BatchPlan, planBatch, type PlannedBlock } from "../batching/batch_plan.ts";
import { addBatchCounters, EMPTY_BATCH_COUNTERS } from "../batching/seal_policy.ts";
import { RollupError } from "../primitives/errors.ts";
import { type Address, bytesToHex } from "../primitives/hex.ts";
import { batchNumber, blockNumber } from "../primitives/units.ts";
import { areaLog } from "../primitives/ports.ts";
import { batchToRow, readBatch } from "../store/batches.ts";
import { readBlob } from "../store/blob.ts";
import { type BlockSummary, requireBlockSummary } from "../store/blocks.ts";
import { readVirtualBatch, requireOperations, type VirtualBatch } from "../store/operations.ts";
import { BATCHES, CHECKPOINTS, L1_EVENTS } from "../store/schema.ts";
import { listRows } from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import type { Batch } from "../types/batch.ts";
import { transactionHash } from "../types/tx.ts";
import { executePlannedBlock } from "../vm/block_transition.ts";
import type { StoragePort } from "../vm/executor.ts";
import { commitBlock } from "./commit_block.ts";
import { type Node, readCheckpoint } from "./node.ts";
import type { StepOutcome } from "./stage.ts";
import { unwindTrusted } from "./unwind_trusted.ts";

/** Codes of this file. */
export type DeriveErrorCode = "L1_DIFFERS_FROM_TRUSTED_STATE";

/** Executes the next block of the lowest batch that only L1 has, or closes that batch. */
export async function deriveStep(node: Node): Promise<StepOutcome> {
  const sealed = await readCheckpoint(node, "seal_batch");
  const virtual = await readVirtualBatch(node.kv, sealed + 1n);
  if (virtual === undefined) return { kind: "idle" };
  const previous = await readBatch(node.kv, sealed);
  const parent = await requireBlockSummary(node.kv, previous?.lastBlock ?? 0n);
  const { blocks, fault } = await planOf(node, virtual, parent);
  const checked = await checkUnsealed(node, { virtual, parent, blocks });
  if (checked.difference !== undefined) {
    const { difference } = checked;
    return await resolveDifference(node, { batch: virtual, difference });
  }
  const next = blocks[checked.count];
  if (next !== undefined) return await deriveBlock(node, virtual, next);
  const last = await requireBlockSummary(node.kv, parent.header.number + BigInt(blocks.length));
  const batch = await closeBatch(node, { virtual, previous, parent, last });
  areaLog(node.log, "sync").info("Executed batch of L1", {
    batchNumber: batch.number,
    kind: virtual.kind,
    blockCount: batch.counters.blockCount,
    fault: fault?.code,
  });
  return { kind: "progress", number: batch.number, text: `executed batch ${batch.number} of L1` };
}

/** What the batch means, worked out once for all of its blocks. */
async function planOf(
  node: Node,
  virtual: VirtualBatch,
  parent: BlockSummary,
): Promise<BatchPlan> {
  const { derivation } = node;
  const { accInputHash } = virtual;
  if (derivation.planned?.accInputHash !== accInputHash) {
    const first = parent.lastOperation + 1n;
    const operations = await requireOperations(node.kv, first, virtual.lastOperation);
    const plan = planBatch({
      data: await readBlob(node.kv, virtual.dataBlob),
      operations: operations.map(({ raw }) => raw),
      parentTimestampSec: parent.header.timestampSec,
      limitTimestampSec: virtual.limitTimestampSec,
      blockGasLimit: node.config.blockGasLimit,
    });
    derivation.planned = { accInputHash, plan };
  }
  return derivation.planned.plan;
}

/** What L1 tells of the batch, and the block that it follows. */
interface Told {
  readonly virtual: VirtualBatch;
  readonly parent: BlockSummary;
  readonly blocks: readonly PlannedBlock[];
}

/**
 * Holds the blocks that follow the last sealed batch against what L1 tells. They may be the
 * beginning of it (an earlier step has made them), all of it with more on top, or something else.
 */
async function checkUnsealed(
  node: Node,
  { virtual, parent, blocks }: Told,
): Promise<{ readonly count: number; readonly difference?: string }> {
  const tip = node.tip.get();
  const there = Number(tip.header.number - parent.header.number);
  const count = Math.min(there, blocks.length);
  // What this process has derived itself needs no second execution.
  if (there === count && node.derivation.checkedBlockHash === tip.hash) return { count };
  let before = parent;
  for (const planned of blocks.slice(0, count)) {
    const block = await requireBlockSummary(node.kv, before.header.number + 1n);
    const storage = node.state.at(before.header.number);
    const { result } = await execute(node, { virtual, parent: before, planned, storage });
    const { stateRoot: _stateRoot, ...header } = block.header;
    const told = new Map<string, unknown>(Object.entries(result.draftHeader));
    const operationCount = block.counters.operationCount;
    if (operationCount !== planned.operationCount) {
      const difference = `block ${header.number} consumes ${planned.operationCount} operations ` +
        `on L1 and ${operationCount} here`;
      return { count, difference };
    }
    for (const [field, value] of Object.entries(header)) {
      const [onL1, here] = [showField(told.get(field)), showField(value)];
      if (onL1 === here) continue;
      const difference = `${field} of block ${header.number} is ${onL1} on L1 and ${here} here`;
      return { count, difference };
    }
    before = block;
  }
  node.derivation.checkedBlockHash = before.hash;
  return { count };
}

function showField(value: unknown): string {
  return value instanceof Uint8Array ? bytesToHex(value) : String(value);
}

interface Execution {
  readonly virtual: VirtualBatch;
  readonly parent: BlockSummary;
  readonly planned: PlannedBlock;
  readonly storage: StoragePort;
}

function execute(node: Node, { virtual, parent, planned, storage }: Execution) {
  return executePlannedBlock({
    executor: node.executor,
    storage,
    config: { ...node.config, coinbase: virtual.coinbase },
    parent: parent.header,
    block: planned,
  });
}

async function deriveBlock(
  node: Node,
  virtual: VirtualBatch,
  planned: PlannedBlock,
): Promise<StepOutcome> {
  const storage = node.state.latest();
  const parent = node.tip.get();
  const { result, included, operationTxCount } = await execute(node, {
    virtual,
    parent,
    planned,
    storage,
  });
  const { header, hash } = await commitBlock(node, {
    result,
    transactions: included.map(toStoredTx),
    operationTxCount,
    operationCount: planned.operationCount,
  });
  node.derivation.checkedBlockHash = hash;
  const text = `executed block ${header.number} of batch ${virtual.number} of L1`;
  return { kind: "progress", number: virtual.number, text };
}

interface Closing {
  readonly virtual: VirtualBatch;
  readonly previous: Batch | undefined;
  readonly parent: BlockSummary;
  /** The parent itself when the batch has no block. */
  readonly last: BlockSummary;
}

async function closeBatch(node: Node, closing: Closing): Promise<Batch> {
  const { virtual, previous, parent, last } = closing;
  let counters = EMPTY_BATCH_COUNTERS;
  for (let number = parent.header.number + 1n; number <= last.header.number; number++) {
    counters = addBatchCounters(counters, (await requireBlockSummary(node.kv, number)).counters);
  }
  const batch: Batch = {
    number: batchNumber(virtual.number),
    firstBlock: blockNumber(parent.header.number + 1n),
    lastBlock: last.header.number,
    oldStateRoot: parent.header.stateRoot,
    oldLeafCount: parent.leafCount,
    newStateRoot: last.header.stateRoot,
    newLeafCount: last.leafCount,
    oldAccInputHash: previous?.newAccInputHash ?? GENESIS_ACC_INPUT_HASH,
    newAccInputHash: virtual.accInputHash,
    batchDataHash: virtual.batchDataHash,
    l1ToL2RollingHash: virtual.l1ToL2RollingHash,
    lastOperation: virtual.lastOperation,
    limitTimestampSec: virtual.limitTimestampSec,
    coinbase: virtual.coinbase,
    sealReason: "sequenced on L1",
    // Bytes that were not obeyed were sent all the same.
    counters: { ...counters, batchDataBytes: (await readBlob(node.kv, virtual.dataBlob)).length },
  };
  const verifiedRoot = await verifiedRootOf(node, virtual);
  if (verifiedRoot !== undefined && verifiedRoot !== batch.newStateRoot) {
    throw differs(
      virtual,
      `its state root is ${verifiedRoot} on L1 and ${batch.newStateRoot} here`,
      "Keep the data folder for a report: L1 has verified another execution of the same data.",
    );
  }
  const writes = createWriteSet(node.kv);
  writes.set(BATCHES, [batch.number], batchToRow(batch, virtual.dataBlob));
  writes.set(CHECKPOINTS, ["seal_batch"], batch.number);
  await writes.commit();
  return batch;
}

/** The root with which L1 has verified the batch, if it was in what is read already. */
async function verifiedRootOf(node: Node, virtual: VirtualBatch): Promise<string | undefined> {
  const until = await readCheckpoint(node, "sync_l1") + 1n;
  const range = { from: [virtual.l1BlockNumber], until: [until] };
  for await (const { value } of listRows(node.kv, L1_EVENTS, range)) {
    if (value.kind === "verified" && value.number === virtual.number) return value.value;
  }
  return undefined;
}

/** What L1 says of a batch against what is here. */
export interface BatchDifference {
  readonly batch: Pick<VirtualBatch, "number" | "transactionHash">;
  /** The first field that differs. */
  readonly difference: string;
}

/**
 * A follower drops its own and takes L1's; a trusted sequencer must not go on.
 *
 * @throws `L1_DIFFERS_FROM_TRUSTED_STATE` in a sequencer.
 */
export async function resolveDifference(
  node: Node,
  { batch, difference }: BatchDifference,
): Promise<StepOutcome> {
  if (node.roles.has("sequencer")) {
    throw differs(
      batch,
      difference,
      "Find out who sequenced it. To drop what is here and take what L1 has, stop the devnet if " +
        "one runs, then run `sync --roles synchronizer`; the transactions wait in the pool again.",
    );
  }
  const kept = batch.number - 1n;
  await unwindTrusted(node, kept);
  const text = `dropped what was here after batch ${kept}, as L1 has another: ${difference}`;
  areaLog(node.log, "sync").warn("Dropped blocks for those of L1", {
    batchNumber: batch.number,
    difference,
  });
  return { kind: "progress", number: kept, text };
}

/** L1 has another batch, or has verified another root, than what is here. */
export function differs(
  { number, transactionHash }: Pick<VirtualBatch, "number" | "transactionHash">,
  difference: string,
  mend: string,
): RollupError<DeriveErrorCode> {
  return new RollupError(
    "L1_DIFFERS_FROM_TRUSTED_STATE",
    `Cannot follow L1 at batch ${number} as it must be the one that is here: ${difference}`,
    { details: { batchNumber: number, transactionHash, difference }, mend },
  );
}

function toStoredTx({ raw, sender }: { raw: Uint8Array; sender: Address }) {
  return { raw, sender, hash: transactionHash(raw) };
}
