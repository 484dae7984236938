/**
 * What of the pool is on disk.
 *
 * Owns making admissions durable, and grouping: nobody is told that a transaction was taken before it
 * would survive the end of the process, and no commit is made for a transaction alone. With a log
 * (`store/pool_log.ts`) a record is enough, and most transactions are in a block before they would get
 * a row; without one, what is admitted while a commit is under way goes into the next. Does not own
 * admission (`inlet.ts`) or removing rows, which is part of the steps that do so.
 * @module
 */
import type { Admission, PoolEntry } from "../pool/pool.ts";
import { hexToBytes } from "../primitives/hex.ts";
import { POOL } from "../store/schema.ts";
import { createWriteSet } from "../store/write_set.ts";
import { decodeTransaction, transactionHash } from "../types/tx.ts";
import { latestNonce, stagePoolEntry } from "./inlet.ts";
import type { Node } from "./node.ts";

/** Keeps admitted transactions. */
export interface PoolRows {
  /**
   * Resolves when an admitted transaction is durable. When that fails, it is taken out of the pool
   * again and the promise rejects.
   */
  write(admission: Admission): Promise<void>;
  /** Resolves when no row is being written; `undefined` when none is. */
  settled(): Promise<void> | undefined;
  /** Gives a row to all that waits and empties the log, for who changes rows or looks at them. */
  spill(): Promise<void>;
  /** A block was made: empties the log when nothing of it waits any more, or when it is long. */
  afterBlock(): Promise<void>;
}

interface Waiting {
  readonly admission: Admission;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** Rows of one commit: two mutations each at most, and short transactions all fit its bytes. */
const MAX_GROUP = 250;
const MAX_GROUP_BYTES = 700_000;
/** Beside its bytes, what a row takes at most. */
const ROW_BYTES = 400;
/** Longer ones are chunks of their own (`store/blob.ts`); their row is short. */
const MAX_ROW_BYTES = 33_000;
/** A log of so many bytes is emptied although something waits. */
const MAX_LOG_BYTES = 16_000_000;

/** Rows of `node`'s pool. */
export function createPoolRows(node: Node): PoolRows {
  const { pool, poolLog } = node;
  const waiting: Waiting[] = [];
  let running: Promise<void> | undefined;

  const commit = async (group: readonly Waiting[]): Promise<void> => {
    const writes = createWriteSet(node.kv);
    for (const { admission: { entry, replaced } } of group) {
      if (replaced !== undefined) writes.delete(POOL, [hexToBytes(replaced.hash)]);
      // Replaced by a later one of this group, or gone for another reason: nothing to keep.
      if (pool.has(entry.hash)) await stagePoolEntry(node, writes, entry);
    }
    await writes.commit();
  };
  const takeBack = ({ entry, replaced }: Admission): void => {
    pool.remove(entry.hash);
    if (replaced !== undefined) pool.restore(replaced);
  };
  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, groupLength(waiting.map(({ admission }) => admission.entry)));
      try {
        await commit(group);
        for (const { done } of group) done();
      } catch (error) {
        for (const { admission } of group.toReversed()) takeBack(admission);
        for (const { failed } of group) failed(error);
      }
    }
    running = undefined;
  };
  const writeRow = (admission: Admission): Promise<void> =>
    new Promise((done, failed) => {
      waiting.push({ admission, done, failed });
      // Not at once: what is admitted in the same turn comes along.
      running ??= Promise.resolve().then(run);
    });
  const spill = async (): Promise<void> => {
    await running;
    if (poolLog === undefined || poolLog.sizeBytes() === 0) return;
    await writeRows(node, pool.entries());
    poolLog.clear();
  };
  return {
    write: (admission) => {
      // A row of the one that it replaces has to go, and no record says so.
      if (poolLog === undefined || admission.replaced !== undefined) return writeRow(admission);
      try {
        poolLog.append(admission.entry);
        return Promise.resolve();
      } catch (error) {
        takeBack(admission);
        return Promise.reject(error);
      }
    },
    settled: () => running,
    spill,
    afterBlock: async () => {
      if (poolLog === undefined || poolLog.sizeBytes() === 0) return;
      if (pool.size() === 0 && running === undefined) poolLog.clear();
      else if (poolLog.sizeBytes() > MAX_LOG_BYTES) await spill();
    },
  };
}

/** Brings what only the log holds into the pool, as rows; done once, at opening. */
export async function replayPoolLog(node: Node): Promise<void> {
  const { pool, poolLog } = node;
  if (poolLog === undefined || poolLog.sizeBytes() === 0) return;
  const restored: PoolEntry[] = [];
  for (const record of poolLog.read()) {
    const tx = decodeTransaction(record.raw);
    // A log that was left beside the database of another chain.
    if (tx.chainId !== undefined && tx.chainId !== node.config.chainId) continue;
    // In a block by now. One that a block has dropped comes back, for the next block to drop.
    if (tx.nonce < latestNonce(node, record.sender)) continue;
    const entry = { ...record, tx, hash: transactionHash(record.raw) };
    if (pool.restore(entry)) restored.push(entry);
  }
  await writeRows(node, restored);
  poolLog.clear();
}

async function writeRows(node: Node, entries: readonly PoolEntry[]): Promise<void> {
  let rest = entries;
  while (rest.length > 0) {
    const count = groupLength(rest);
    const writes = createWriteSet(node.kv);
    for (const entry of rest.slice(0, count)) await stagePoolEntry(node, writes, entry);
    await writes.commit();
    rest = rest.slice(count);
  }
}

/** How many of the first of `entries` go into one commit; one at least. */
function groupLength(entries: readonly PoolEntry[]): number {
  let sizeBytes = 0;
  for (const [index, { raw }] of entries.slice(0, MAX_GROUP).entries()) {
    sizeBytes += Math.min(raw.length, MAX_ROW_BYTES) + ROW_BYTES;
    if (index > 0 && sizeBytes > MAX_GROUP_BYTES) return index;
  }
  return Math.min(entries.length, MAX_GROUP);
}
