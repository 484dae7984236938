/**
 * Stage 1: transactions that wait become a block, the soft confirmation.
 *
 * Owns choosing, executing and committing one block. Checkpoint: the latest block's number. The
 * pool, the execution and the tree each own their own rules.
 * @module
 */
import { batchFrameBytes, blockHeaderBytes, txBytes } from "../../batching/batch_data.ts";
import type { PoolEntry } from "../../pool/pool.ts";
import { assert } from "../../primitives/errors.ts";
import { hexToBytes } from "../../primitives/hex.ts";
import {
  requireBlock,
  stageBlock,
  type StoredBlock,
  type StoredTx,
  unstageBlock,
} from "../../store/blocks.ts";
import { writeBlob } from "../../store/blob.ts";
import { CHECKPOINTS, POOL } from "../../store/schema.ts";
import { writeCodes } from "../../store/state.ts";
import { createWriteSet } from "../../store/write_set.ts";
import { headerHash } from "../../types/block.ts";
import { decodeTransaction } from "../../types/tx.ts";
import { nextBaseFeePerGasWei } from "../../vm/block_environment.ts";
import { type OpenBlock, openBlock, sealHeader } from "../../vm/block_transition.ts";
import { latestNonce } from "../inlet.ts";
import type { Node } from "../node.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";

/** Closes one block over what the pool has ready; idle when that is nothing. */
export const buildBlock: Stage = { id: "build_block", step, unwind };

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  const parent = node.tip.get();
  if (node.pool.size() === 0 && wish.emptyBlock !== true) return { kind: "idle" };
  const nowSec = node.clock.nowSec();
  const earliestSec = parent.header.timestampSec + 1n;
  const open = await openBlock({
    executor: node.executor,
    storage: node.state.latest(),
    config: node.config,
    parent: parent.header,
    timestampSec: nowSec > earliestSec ? nowSec : earliestSec,
  });
  const { included, dropped } = await runReady(node, open);
  if (included.length === 0 && wish.emptyBlock !== true) {
    await dropFromPool(node, dropped);
    return { kind: "idle" };
  }
  const result = await open.close();
  const applied = node.state.apply(result.diffs);
  try {
    const header = sealHeader(result.draftHeader, applied.stateRoot);
    const block: StoredBlock = {
      header,
      hash: headerHash(header),
      leafCount: applied.leafCount,
      transactions: included.map(toStoredTx),
      receipts: result.receipts,
      diffs: result.diffs,
    };
    const writes = createWriteSet(node.kv);
    await stageBlock(node.kv, writes, block);
    await writeCodes(node.kv, result.newCodes);
    writes.set(CHECKPOINTS, ["build_block"], header.number);
    await writes.commit();
    for (const entry of included) node.pool.remove(entry.hash);
    node.tip.set({
      header,
      hash: block.hash,
      leafCount: block.leafCount,
      txCount: included.length,
    });
    node.clock.observe(header.timestampSec);
    await node.state.committed(header.number, result.diffs);
    await dropFromPool(node, dropped);
    node.log.debug("Built block", {
      blockNumber: header.number,
      txCount: included.length,
      gasUsed: header.gasUsed,
    });
    return { kind: "done", number: header.number };
  } catch (error) {
    if (node.tip.get().header.number === parent.header.number) node.state.revert(applied);
    throw error;
  }
}

/** Runs what is ready until the block is full; says what went in and what can never go in. */
async function runReady(
  node: Node,
  open: OpenBlock,
): Promise<{ included: PoolEntry[]; dropped: PoolEntry[] }> {
  const { maxTxsPerBlock, maxBatchDataBytes } = node.sealLimits;
  const dropped = node.pool.dropStale((sender) => latestNonce(node, sender)).slice();
  const selection = node.pool.ready(
    (sender) => latestNonce(node, sender),
    nextBaseFeePerGasWei(node.tip.get().header),
  );
  const included: PoolEntry[] = [];
  let dataBytes = batchFrameBytes + blockHeaderBytes;
  while (included.length < maxTxsPerBlock) {
    const entry = selection.next();
    if (entry === undefined) break;
    const fits = dataBytes + txBytes(entry.raw) <= maxBatchDataBytes &&
      entry.tx.gasLimit <= open.gasLeft();
    if (!fits) {
      selection.skipSender(entry.sender);
      continue;
    }
    const outcome = await open.run({ tx: entry.tx, sender: entry.sender });
    if (outcome.kind === "included") {
      included.push(entry);
      dataBytes += txBytes(entry.raw);
      continue;
    }
    selection.skipSender(entry.sender);
    if (outcome.reason !== "BLOCK_GAS_EXHAUSTED" && outcome.reason !== "NONCE_TOO_HIGH") {
      dropped.push(entry);
      node.log.warn("Dropped transaction", { hash: entry.hash, reason: outcome.message });
    }
  }
  return { included, dropped };
}

/**
 * Forgets what can never go in, apart from the block's commit: there may be more of it than one
 * commit takes, and after a crash the next block drops it again.
 */
async function dropFromPool(node: Node, dropped: readonly PoolEntry[]): Promise<void> {
  let writes = createWriteSet(node.kv);
  for (const entry of dropped) {
    node.pool.remove(entry.hash);
    if (!writes.hasRoomFor(1, 100)) {
      await writes.commit();
      writes = createWriteSet(node.kv);
    }
    writes.delete(POOL, [hexToBytes(entry.hash)]);
  }
  await writes.commit();
}

function toStoredTx(entry: PoolEntry): StoredTx {
  return { hash: entry.hash, raw: entry.raw, sender: entry.sender };
}

/** Takes blocks above `target` back, latest first; their transactions wait in the pool again. */
async function unwind(node: Node, target: bigint): Promise<void> {
  while (node.tip.get().header.number > target) await unwindLatest(node);
}

async function unwindLatest(node: Node): Promise<void> {
  const latest = node.tip.get().header.number;
  const block = await requireBlock(node.kv, latest);
  const parent = await requireBlock(node.kv, latest - 1n);
  // The state goes first: with its checkpoint below, opening replays what the rows still hold.
  await node.state.unwind(latest - 1n, latest);
  try {
    const restored = restorable(node, block);
    const writes = createWriteSet(node.kv);
    unstageBlock(writes, block);
    for (const entry of restored) {
      const rawBlob = await writeBlob(node.kv, entry.raw);
      writes.set(POOL, [hexToBytes(entry.hash)], { arrival: entry.arrival, rawBlob });
    }
    writes.set(CHECKPOINTS, ["build_block"], parent.header.number);
    await writes.commit();
    for (const entry of restored) {
      assert(node.pool.restore(entry), "nothing else holds the nonce of a restored transaction");
    }
  } catch (error) {
    node.state.apply(block.diffs);
    await node.state.committed(latest, block.diffs);
    throw error;
  }
  node.tip.set({
    header: parent.header,
    hash: parent.hash,
    leafCount: parent.leafCount,
    txCount: parent.transactions.length,
  });
}

/** The block's transactions as entries that come before all that wait, but for taken nonces. */
function restorable(node: Node, block: StoredBlock): readonly PoolEntry[] {
  const lowest = node.pool.entries()[0]?.arrival ?? 0n;
  const first = lowest - BigInt(block.transactions.length);
  return block.transactions.map((tx, index) => ({
    ...tx,
    tx: decodeTransaction(tx.raw),
    arrival: first + BigInt(index),
  })).filter((entry) =>
    // A transaction that was admitted for the same nonce meanwhile stays.
    node.pool.entriesOf(entry.sender).every((other) => other.tx.nonce !== entry.tx.nonce)
  );
}
