/**
 * Stage 2: blocks become a batch, the unit of data on L1 and of proof.
 *
 * Owns what is stored of a batch, the reason it was closed included. Checkpoint: the latest sealed
 * batch. Which blocks it takes is in `open_batch.ts`, limits in `batching/seal_policy.ts`, bytes in
 * `batching/batch_data.ts`.
 * @module
 */
import { accInputHash, GENESIS_ACC_INPUT_HASH } from "../../batching/acc_input_hash.ts";
import { encodeBatchData } from "../../batching/batch_data.ts";
import { isBatchDue } from "../../batching/seal_policy.ts";
import { keccak256 } from "../../crypto/keccak.ts";
import { assert } from "../../primitives/errors.ts";
import { batchNumber, blockNumber } from "../../primitives/units.ts";
import { areaLog } from "../../primitives/ports.ts";
import { batchToRow, readBatch, requireBatch } from "../../store/batches.ts";
import { writeBlob } from "../../store/blob.ts";
import {
  type BlockSummary,
  requireBlock,
  requireBlockSummary,
  type StoredBlock,
} from "../../store/blocks.ts";
import { readOperation } from "../../store/operations.ts";
import { BATCHES, CHECKPOINTS } from "../../store/schema.ts";
import { createWriteSet } from "../../store/write_set.ts";
import type { Batch, SealReason } from "../../types/batch.ts";
import { type Node, readCheckpoint } from "../node.ts";
import { takeBlocks } from "../open_batch.ts";
import { batchAhead, rollingHashAfter } from "../operations.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";

/** Closes the batch over the oldest unsealed blocks when a limit or the caller asks for it. */
export const sealBatch: Stage = { id: "seal_batch", step, unwind };

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  // The next number is taken: `sync_l1` says what becomes of the blocks that are here.
  const ahead = await batchAhead(node);
  if (ahead !== undefined) return { kind: "waiting", text: ahead };
  const sealed = await readCheckpoint(node, "seal_batch");
  const previous = await readBatch(node.kv, sealed);
  const firstBlock = (previous?.lastBlock ?? 0n) + 1n;
  const taken = await takeBlocks(node, firstBlock);
  const last = taken.blocks.at(-1);
  const reason = taken.closes ?? await dueReason(node, taken.blocks) ?? wish.sealReason;
  if (reason === undefined || last === undefined) return { kind: "idle" };

  const parent = await requireBlockSummary(node.kv, firstBlock - 1n);
  const blocks: StoredBlock[] = [];
  for (const { header } of taken.blocks) blocks.push(await requireBlock(node.kv, header.number));
  const data = encodeBatchData(
    blocks.map((block) => ({
      timestampSec: block.header.timestampSec,
      l1ToL2OperationCount: block.counters.operationCount,
      transactions: block.transactions.slice(block.operationTxCount).map((tx) => tx.raw),
    })),
    parent.header.timestampSec,
  );
  assert(data.length === taken.counters.batchDataBytes, "blocks know what they add to batch data");
  const batchDataHash = keccak256(data);
  // L1 refuses timestamps that fall, also after a batch whose data was not obeyed.
  const leastSec = previous?.limitTimestampSec ?? 0n;
  const { timestampSec: lastSec } = last.header;
  const limitTimestampSec = lastSec > leastSec ? lastSec : leastSec;
  const l1ToL2RollingHash = await rollingHashAfter(node, last.lastOperation);
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
      l1ToL2RollingHash,
      limitTimestampSec,
      coinbase: node.config.coinbase,
    }),
    batchDataHash,
    l1ToL2RollingHash,
    lastOperation: last.lastOperation,
    limitTimestampSec,
    coinbase: node.config.coinbase,
    sealReason: reason,
    counters: taken.counters,
  };
  const dataBlob = await writeBlob(node.kv, data);
  const writes = createWriteSet(node.kv);
  writes.set(BATCHES, [batch.number], batchToRow(batch, dataBlob));
  writes.set(CHECKPOINTS, ["seal_batch"], batch.number);
  await writes.commit();
  areaLog(node.log, "batch").info("Sealed batch", {
    batchNumber: batch.number,
    blockCount: batch.counters.blockCount,
    txCount: batch.counters.txCount,
    reason,
  });
  return { kind: "done", number: batch.number };
}

/** Seconds before the deadline of an operation at which its batch leaves for L1. */
const DEADLINE_MARGIN_SEC = 60n;

/** Whether the first block has waited as long as one may, or an operation in them cannot wait. */
async function dueReason(
  node: Node,
  blocks: readonly BlockSummary[],
): Promise<SealReason | undefined> {
  const [first] = blocks;
  const last = blocks.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const nowSec = node.clock.nowSec();
  if (isBatchDue(nowSec - first.header.timestampSec, node.sealLimits)) return "time";
  const oldest = first.lastOperation - BigInt(first.counters.operationCount) + 1n;
  if (oldest > last.lastOperation) return undefined;
  const operation = await readOperation(node.kv, oldest);
  const isUrgent = operation !== undefined && operation.deadlineSec <= nowSec + DEADLINE_MARGIN_SEC;
  return isUrgent ? "forced operation deadline" : undefined;
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
