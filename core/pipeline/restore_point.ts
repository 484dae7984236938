/**
 * A moment of the trusted chain that a node can go back to, as tests want it.
 *
 * Owns what such a moment is: the latest block, the sealed batches, the pool, and what L1 may still
 * have from us though it counts no more. The way back is the
 * pipeline's own unwinding, so a process that dies on it leaves a shorter chain, never a wrong one.
 * Does not own L1, which goes back first, or who may ask (`devnet/snapshots.ts`).
 * @module
 */
import { assert, RollupError } from "../primitives/errors.ts";
import { type Hash32, hexToBytes } from "../primitives/hex.ts";
import { readBatch } from "../store/batches.ts";
import { readBlockSummary, requireBlock, requireBlockSummary } from "../store/blocks.ts";
import { POOL } from "../store/schema.ts";
import { createWriteSet } from "../store/write_set.ts";
import type { PoolEntry } from "../pool/pool.ts";
import { readL1Heads } from "./heads.ts";
import { stagePoolEntry } from "./inlet.ts";
import {
  latestAttempt,
  listL1TxRows,
  readVoidL1Txs,
  stageFirstAttempt,
  stageRemoval,
  type StoredL1Tx,
} from "./l1_tx_rows.ts";
import { type Node, readCheckpoint } from "./node.ts";
import { announce, unwindTrusted } from "./unwind_trusted.ts";

/** A moment of the chain. */
export interface RestorePoint {
  readonly blockNumber: bigint;
  readonly blockHash: Hash32;
  /** Batches that were sealed. */
  readonly sealed: bigint;
  readonly pool: readonly PoolEntry[];
  /** What L1 had from us that counted no more: one transaction for each of their nonces. */
  readonly voids: readonly StoredL1Tx[];
}

/** Codes that this file throws. */
export type RestoreErrorCode = "RESTORE_BLOCK_SEQUENCED" | "RESTORE_BATCH_SENT";

/** More than the row of a pooled transaction takes in a commit. */
const POOL_ROW_BYTES = 500;

/** The present. */
export async function takeRestorePoint(node: Node): Promise<RestorePoint> {
  const { header, hash } = node.tip.get();
  return {
    blockNumber: header.number,
    blockHash: hash,
    sealed: await readCheckpoint(node, "seal_batch"),
    pool: node.pool.entries(),
    voids: await readVoidL1Txs(node.kv),
  };
}

/** Whether the chain still has the block of `point`. */
export async function hasRestorePoint(node: Node, point: RestorePoint): Promise<boolean> {
  return (await readBlockSummary(node.kv, point.blockNumber))?.hash === point.blockHash;
}

/** How a node goes back. */
export interface RestoreOptions {
  /** L1 went back before, and has forgotten what was on its way to it. */
  readonly isAfterL1?: boolean;
}

/**
 * Goes back to `point`, whose block the chain must have.
 *
 * @throws `RESTORE_BLOCK_SEQUENCED` when L1 has batches with later blocks: nobody here can take
 * those back. `RESTORE_BATCH_SENT` when it may have one any time.
 */
export function restorePoint(
  node: Node,
  point: RestorePoint,
  options: RestoreOptions = {},
): Promise<void> {
  return announce(node, goBack(node, point, options));
}

async function goBack(
  node: Node,
  point: RestorePoint,
  { isAfterL1 = false }: RestoreOptions,
): Promise<void> {
  await requireUnsequenced(node, point.blockNumber);
  if (!isAfterL1) await requireUnsent(node, point.blockNumber);
  // A batch that was sealed later, over blocks that stay, is opened again; one that reaches beyond
  // the last block that stays goes as well.
  let batch = await readCheckpoint(node, "seal_batch");
  if (batch > point.sealed) batch = point.sealed;
  const { sequenced } = await readL1Heads(node);
  if (batch < sequenced) batch = sequenced;
  while (batch > 0n && ((await readBatch(node.kv, batch))?.lastBlock ?? 0n) > point.blockNumber) {
    batch--;
  }
  await unwindTrusted(node, batch, point.blockNumber);
  assert(
    node.tip.get().header.number <= point.blockNumber,
    "unwinding ends at the block that it was given",
  );
  if (isAfterL1) await replaceVoids(node, point.voids);
  await replacePool(node, point.pool);
}

/**
 * Drops the blocks above `blockNumber`; what was in them does not wait in the pool again.
 *
 * @throws `RESTORE_BLOCK_SEQUENCED`, `RESTORE_BATCH_SENT`
 */
export async function takeBackBlocks(node: Node, blockNumber: bigint): Promise<readonly Hash32[]> {
  const lost: Hash32[] = [];
  const latest = node.tip.get().header.number;
  for (let number = blockNumber + 1n; number <= latest; number++) {
    const { transactions } = await requireBlock(node.kv, number);
    lost.push(...transactions.map(({ hash }) => hash));
  }
  const { hash: blockHash } = await requireBlockSummary(node.kv, blockNumber);
  await restorePoint(node, { ...await takeRestorePoint(node), blockNumber, blockHash });
  return lost;
}

/** Takes the transactions `hashes` out of the pool; how many of them waited. */
export async function dropPooled(node: Node, hashes: readonly Hash32[]): Promise<number> {
  const waiting = hashes.filter((hash) => node.pool.has(hash));
  let writes = createWriteSet(node.kv);
  for (const hash of waiting) {
    if (!writes.hasRoomFor(1, POOL_ROW_BYTES)) {
      await writes.commit();
      writes = createWriteSet(node.kv);
    }
    writes.delete(POOL, [hexToBytes(hash)]);
  }
  await writes.commit();
  for (const hash of waiting) node.pool.remove(hash);
  return waiting.length;
}

/** @throws `RESTORE_BLOCK_SEQUENCED` */
async function requireUnsequenced(node: Node, blockNumber: bigint): Promise<void> {
  const { sequenced } = await readL1Heads(node);
  const lastBlock = (await readBatch(node.kv, sequenced))?.lastBlock ?? 0n;
  if (lastBlock <= blockNumber) return;
  throw new RollupError<RestoreErrorCode>(
    "RESTORE_BLOCK_SEQUENCED",
    `Cannot take L2 back to block ${blockNumber} as L1 must not have later ones: batch ` +
      `${sequenced} on L1 ends with block ${lastBlock}`,
    {
      details: { blockNumber, lastBlock, sequenced },
      mend: "Take L1 back with it by evm_revert on a devnet with its own L1, or start a new one.",
    },
  );
}

/** @throws `RESTORE_BATCH_SENT` */
async function requireUnsent(node: Node, blockNumber: bigint): Promise<void> {
  const { sequenced } = await readL1Heads(node);
  for await (const { lastBatch, row } of listL1TxRows(node.kv, "sequence_batch", sequenced + 1n)) {
    if (row.status !== "sent") continue;
    const lastBlock = (await readBatch(node.kv, lastBatch))?.lastBlock ?? 0n;
    if (lastBlock <= blockNumber) continue;
    throw new RollupError<RestoreErrorCode>(
      "RESTORE_BATCH_SENT",
      `Cannot take L2 back to block ${blockNumber} as no later one must be on its way to L1: ` +
        `${row.hash} has batch ${lastBatch}, up to block ${lastBlock}`,
      {
        details: { blockNumber, lastBlock, batchNumber: lastBatch, hash: row.hash },
        mend: "Take L1 back with it by evm_revert on a devnet with its own L1, or go on from here.",
      },
    );
  }
}

/**
 * L1 has the void transactions that it had, and no others: none is to be outbid that it has forgotten.
 */
async function replaceVoids(node: Node, voids: readonly StoredL1Tx[]): Promise<void> {
  for (const tx of await readVoidL1Txs(node.kv)) {
    const writes = createWriteSet(node.kv);
    stageRemoval(writes, tx);
    await writes.commit();
  }
  for (const tx of voids) {
    const writes = createWriteSet(node.kv);
    await stageFirstAttempt(node.kv, writes, tx, latestAttempt(tx));
    await writes.commit();
  }
}

async function replacePool(node: Node, entries: readonly PoolEntry[]): Promise<void> {
  const kept = new Set(entries.map(({ hash }) => hash));
  const others = node.pool.entries().map(({ hash }) => hash).filter((hash) => !kept.has(hash));
  await dropPooled(node, others);
  for (const entry of entries) {
    if (node.pool.has(entry.hash)) continue;
    const writes = createWriteSet(node.kv);
    await stagePoolEntry(node, writes, entry);
    await writes.commit();
    node.pool.restore(entry);
  }
}
