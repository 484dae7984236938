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
import { type Hash32, hexToBytes } from "../../primitives/hex.ts";
import {
  requireBlock,
  stageBlock,
  type StoredBlock,
  type StoredTx,
  unstageBlock,
} from "../../store/blocks.ts";
import { writeBlob } from "../../store/blob.ts";
import { CHECKPOINTS, POOL } from "../../store/schema.ts";
import { stageCodes } from "../../store/state.ts";
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
    await stageCodes(node.kv, writes, result.newCodes);
    for (const entry of dropped) writes.delete(POOL, [hexToBytes(entry.hash)]);
    writes.set(CHECKPOINTS, ["build_block"], header.number);
    await writes.commit();
    for (const entry of [...included, ...dropped]) node.pool.remove(entry.hash);
    node.tip.set({
      header,
      hash: block.hash,
      leafCount: block.leafCount,
      txCount: included.length,
    });
    node.clock.observe(header.timestampSec);
    await node.state.committed(header.number, result.diffs);
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

async function dropFromPool(node: Node, dropped: readonly PoolEntry[]): Promise<void> {
  const writes = createWriteSet(node.kv);
  for (const entry of dropped) {
    node.pool.remove(entry.hash);
    writes.delete(POOL, [hexToBytes(entry.hash)]);
  }
  await writes.commit();
}

function toStoredTx(entry: PoolEntry): StoredTx {
  return { hash: entry.hash, raw: entry.raw, sender: entry.sender };
}

/** Takes blocks above `target` back, latest first; their transactions wait in the pool again. */
async function unwind(node: Node, target: bigint): Promise<void> {
  const latest = node.tip.get().header.number;
  if (latest <= target) return;
  const blocks: StoredBlock[] = [];
  for (let number = latest; number > target; number--) {
    blocks.push(await requireBlock(node.kv, number));
  }
  await node.state.unwind(target, latest);
  let arrival = -BigInt(blocks.reduce((sum, block) => sum + block.transactions.length, 0));
  const restored: PoolEntry[] = blocks.toReversed().flatMap((block) =>
    block.transactions.map((tx) => ({
      ...tx,
      tx: decodeTransaction(tx.raw),
      arrival: arrival++,
    }))
  );
  for (const [index, block] of blocks.entries()) {
    const writes = createWriteSet(node.kv);
    unstageBlock(writes, block);
    for (const entry of restored.filter((each) => holds(block, each.hash))) {
      const rawBlob = await writeBlob(node.kv, entry.raw);
      writes.set(POOL, [hexToBytes(entry.hash)], { arrival: entry.arrival, rawBlob });
    }
    writes.set(CHECKPOINTS, ["build_block"], latest - BigInt(index) - 1n);
    await writes.commit();
  }
  for (const entry of restored) node.pool.restore(entry);
  const tip = await requireBlock(node.kv, target);
  assert(tip.header.number === target, "the new tip is the target");
  node.tip.set({
    header: tip.header,
    hash: tip.hash,
    leafCount: tip.leafCount,
    txCount: tip.transactions.length,
  });
}

function holds(block: StoredBlock, hash: Hash32): boolean {
  return block.transactions.some((tx) => tx.hash === hash);
}
