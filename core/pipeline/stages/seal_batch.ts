/**
 * Stage 2: blocks become a batch, the unit of data on L1 and of proof.
 *
 * Owns which blocks a batch takes and what is stored of it, the reason it was closed included.
 * Checkpoint: the latest sealed batch. Limits are in `batching/seal_policy.ts`, bytes in
 * `batching/batch_data.ts`.
 * @module
 */
import {
  accInputHash,
  EMPTY_L1_TO_L2_ROLLING_HASH,
  GENESIS_ACC_INPUT_HASH,
} from "../../batching/acc_input_hash.ts";
import { blockHeaderBytes, encodeBatchData, txBytes } from "../../batching/batch_data.ts";
import { EMPTY_BATCH_COUNTERS, fits, sealPolicy } from "../../batching/seal_policy.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { batchNumber, blockNumber } from "../../primitives/units.ts";
import { batchToRow, readBatch, requireBatch } from "../../store/batches.ts";
import { writeBlob } from "../../store/blob.ts";
import { requireBlock, requireBlockSummary, type StoredBlock } from "../../store/blocks.ts";
import { BATCHES, CHECKPOINTS } from "../../store/schema.ts";
import { createWriteSet } from "../../store/write_set.ts";
import type { Batch, BatchCounters, SealReason } from "../../types/batch.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";

/** Closes the batch over the oldest unsealed blocks when a limit or the caller asks for it. */
export const sealBatch: Stage = { id: "seal_batch", step, unwind };

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  const sealed = await readCheckpoint(node, "seal_batch");
  const previous = await readBatch(node.kv, sealed);
  const firstBlock = (previous?.lastBlock ?? 0n) + 1n;
  const taken = await takeBlocks(node, firstBlock);
  const reason = taken.reason ?? (taken.blocks.length === 0 ? undefined : wish.sealReason);
  const last = taken.blocks.at(-1);
  if (reason === undefined || last === undefined) return { kind: "idle" };

  const parent = await requireBlockSummary(node.kv, firstBlock - 1n);
  const data = encodeBatchData(
    taken.blocks.map((block) => ({
      timestampSec: block.header.timestampSec,
      transactions: block.transactions.map((tx) => tx.raw),
    })),
    parent.header.timestampSec,
  );
  const batchDataHash = keccak256(data);
  const oldAccInputHash = previous?.newAccInputHash ?? GENESIS_ACC_INPUT_HASH;
  const batch: Batch = {
    number: batchNumber(sealed + 1n),
    firstBlock: blockNumber(firstBlock),
    lastBlock: last.header.number,
    oldStateRoot: parent.header.stateRoot,
    oldLeafCount: parent.leafCount,
    newStateRoot: last.header.stateRoot,
    newLeafCount: last.leafCount,
    oldAccInputHash,
    newAccInputHash: accInputHash({
      oldAccInputHash,
      batchDataHash,
      l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
      limitTimestampSec: last.header.timestampSec,
      coinbase: node.config.coinbase,
    }),
    batchDataHash,
    limitTimestampSec: last.header.timestampSec,
    coinbase: node.config.coinbase,
    sealReason: reason,
    counters: { ...taken.counters, batchDataBytes: data.length },
  };
  const dataBlob = await writeBlob(node.kv, data);
  const writes = createWriteSet(node.kv);
  writes.set(BATCHES, [batch.number], batchToRow(batch, dataBlob));
  writes.set(CHECKPOINTS, ["seal_batch"], batch.number);
  await writes.commit();
  node.log.info("Sealed batch", {
    batchNumber: batch.number,
    blockCount: batch.counters.blockCount,
    txCount: batch.counters.txCount,
    reason,
  });
  return { kind: "done", number: batch.number };
}

/** The oldest unsealed blocks that fit one batch, and the limit that closes it, if one does. */
async function takeBlocks(
  node: Node,
  firstBlock: bigint,
): Promise<{ blocks: StoredBlock[]; counters: BatchCounters; reason: SealReason | undefined }> {
  const latest = node.tip.get().header.number;
  const blocks: StoredBlock[] = [];
  let counters = EMPTY_BATCH_COUNTERS;
  for (let number = firstBlock; number <= latest; number++) {
    const block = await requireBlock(node.kv, number);
    const bytes = block.transactions.reduce((sum, tx) => sum + txBytes(tx.raw), 0);
    const txCount = block.transactions.length;
    const gas = block.header.gasUsed;
    const full = fits(counters, { bytes, txCount, gas, newBlock: true }, node.sealLimits);
    if (full !== undefined && blocks.length > 0) return { blocks, counters, reason: full };
    blocks.push(block);
    counters = {
      txCount: counters.txCount + txCount,
      blockCount: counters.blockCount + 1,
      gasUsed: counters.gasUsed + gas,
      batchDataBytes: counters.batchDataBytes + blockHeaderBytes + bytes,
    };
  }
  const openedSec = blocks[0]?.header.timestampSec;
  const ageSec = openedSec === undefined ? 0n : node.clock.nowSec() - openedSec;
  return { blocks, counters, reason: sealPolicy({ counters, ageSec }, node.sealLimits) };
}

/** Opens batches above `target` again; their blocks stay. */
async function unwind(node: Node, target: bigint): Promise<void> {
  const sealed = await readCheckpoint(node, "seal_batch");
  if (sealed <= target) return;
  if (target > 0n) await requireBatch(node.kv, target);
  const writes = createWriteSet(node.kv);
  for (let number = sealed; number > target; number--) writes.delete(BATCHES, [number]);
  writes.set(CHECKPOINTS, ["seal_batch"], target);
  await writes.commit();
}
