/**
 * Stage 1: transactions that wait become a block, the soft confirmation.
 *
 * Owns choosing, executing and committing one block. Checkpoint: the latest block's number. The
 * pool, the execution and the tree each own their own rules.
 * @module
 */
import {
  addBatchCounters,
  BLOCK_OVERHEAD,
  EMPTY_BATCH_COUNTERS,
  type SealDecision,
  type SealLimits,
  sealPolicy,
  transactionCounters,
} from "../../batching/seal_policy.ts";
import type { PoolEntry } from "../../pool/pool.ts";
import { assert, isRollupError } from "../../primitives/errors.ts";
import { hexToBytes } from "../../primitives/hex.ts";
import { areaLog } from "../../primitives/ports.ts";
import {
  requireBlock,
  requireBlockSummary,
  type StoredBlock,
  type StoredTx,
  unstageBlock,
} from "../../store/blocks.ts";
import { CHECKPOINTS, POOL } from "../../store/schema.ts";
import { createWriteSet, MAX_VALUE_BYTES } from "../../store/write_set.ts";
import type { BatchCounters } from "../../types/batch.ts";
import { decodeTransaction } from "../../types/tx.ts";
import { nextBaseFeePerGasWei } from "../../vm/block_environment.ts";
import { type OpenBlock, openBlock } from "../../vm/block_transition.ts";
import type { TxOutcome } from "../../vm/executor.ts";
import { nextTimestampSec } from "../block_time.ts";
import { commitBlock } from "../commit_block.ts";
import { latestNonce, stagePoolEntry } from "../inlet.ts";
import { batchAhead, type Consumed, nextOperations, runOperations } from "../operations.ts";
import type { Node } from "../node.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";
import { faultOf, logTrappedTx, stageTrappedTx, type TrappedTx } from "../trapped_tx.ts";

/** Closes one block over what the pool has ready; idle when that is nothing. */
export const buildBlock: Stage = { id: "build_block", step, unwind };

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  const [ahead, operations] = await Promise.all([batchAhead(node), nextOperations(node)]);
  if (ahead !== undefined) return { kind: "waiting", text: ahead };
  const parent = node.tip.get();
  const isWanted = wish.emptyBlock === true || operations.length > 0;
  if (node.pool.size() === 0 && !isWanted) return { kind: "idle" };
  const open = await openBlock({
    executor: node.executor,
    storage: node.state.latest(),
    config: node.config,
    parent: parent.header,
    timestampSec: nextTimestampSec(node, parent.header),
  });
  const consumed = await runOperations(node, open, operations);
  const filling = await runReady(node, open, consumed);
  const { included } = filling;
  if (included.length === 0 && !isWanted) {
    await clearPool(node, filling);
    return { kind: "idle" };
  }
  const block = await commitBlock(node, {
    result: await open.close(),
    transactions: [...consumed.included, ...included].map(toStoredTx),
    operationTxCount: consumed.included.length,
    operationCount: operations.length,
    ...(wish.onExecuted === undefined ? {} : { onExecuted: wish.onExecuted }),
  });
  await clearPool(node, filling);
  followChosenTime(node, block.header.timestampSec);
  const { header } = block;
  areaLog(node.log, "block").debug("Built block", {
    blockNumber: header.number,
    txCount: block.transactions.length,
    operationCount: operations.length,
    gasUsed: header.gasUsed,
  });
  return { kind: "done", number: header.number };
}

/** Who chose a time wants both layers to go on from there, not to wait until it has come. */
function followChosenTime({ timing, clock }: Node, timestampSec: bigint): void {
  if (timing?.nextSec === undefined) return;
  timing.nextSec = undefined;
  const aheadSec = timestampSec - clock.nowSec();
  if (aheadSec > 0n) clock.advance(aheadSec);
}

/** What became of the transactions that were offered to a block. */
interface Filling {
  readonly included: readonly PoolEntry[];
  /** Can never go into any block. */
  readonly dropped: readonly PoolEntry[];
  /** Broke the program. */
  readonly trapped: readonly TrappedTx[];
}

/** Runs what is ready until the block or its batch is full. */
async function runReady(node: Node, open: OpenBlock, consumed: Consumed): Promise<Filling> {
  const dropped = node.pool.dropStale((sender) => latestNonce(node, sender)).slice();
  const selection = node.pool.ready(
    (sender) => latestNonce(node, sender),
    nextBaseFeePerGasWei(node.tip.get().header),
  );
  const included: PoolEntry[] = [];
  const trapped = consumed.trapped.slice();
  const fromL1 = new Set(consumed.included.map(({ hash }) => hash));
  const gauge = createGauge(await node.openBatch.counters(node), node.sealLimits);
  gauge.take(consumed.counters);
  let isClosed = false;
  while (!isClosed && included.length < node.sealLimits.maxTxsPerBlock) {
    const entry = selection.next();
    if (entry === undefined) break;
    // Its sender's nonce has moved on within this block.
    if (fromL1.has(entry.hash)) {
      selection.skipSender(entry.sender);
      continue;
    }
    if (entry.tx.gasLimit > open.gasLeft()) {
      selection.skipSender(entry.sender);
      continue;
    }
    const outcome = await runOne(open, entry);
    if (outcome.kind === "trapped") {
      selection.skipSender(entry.sender);
      trapped.push({ entry, fault: outcome.fault, blockNumber: open.environment.number });
      continue;
    }
    if (outcome.kind === "invalid") {
      selection.skipSender(entry.sender);
      if (outcome.reason !== "BLOCK_GAS_EXHAUSTED" && outcome.reason !== "NONCE_TOO_HIGH") {
        dropped.push(entry);
        areaLog(node.log, "block").warn("Dropped transaction", {
          hash: entry.hash,
          reason: outcome.message,
        });
      }
      continue;
    }
    const decision = gauge.offer(transactionCounters(entry.raw, outcome.usage.counters));
    switch (decision.resolution) {
      case "NoSeal":
        included.push(entry);
        break;
      case "IncludeAndSeal":
        included.push(entry);
        isClosed = true;
        break;
      case "ExcludeAndSeal":
        open.undoLast();
        isClosed = true;
        break;
      case "Unexecutable":
        open.undoLast();
        selection.skipSender(entry.sender);
        dropped.push(entry);
        areaLog(node.log, "block").warn("Dropped transaction that no batch can hold", {
          hash: entry.hash,
          ...decision.excess,
        });
        break;
    }
  }
  return { included, dropped, trapped };
}

/** Holds transactions of one block against what is left of its batch. */
interface Gauge {
  /** What the limits say; what may stay is counted. */
  offer(transaction: BatchCounters): SealDecision;
  /** Counts what is in the block whatever the limits say. */
  take(consumed: BatchCounters): void;
}

function createGauge(openBatch: BatchCounters, limits: SealLimits): Gauge {
  let used = addBatchCounters(openBatch, BLOCK_OVERHEAD);
  let isEmpty = true;
  return {
    take: (consumed) => {
      if (consumed.operationCount === 0) return;
      // What does not fit the open batch makes the block the first of the next one.
      const fits = sealPolicy(used, consumed, limits).resolution;
      if (fits !== "NoSeal" && fits !== "IncludeAndSeal") {
        used = addBatchCounters(EMPTY_BATCH_COUNTERS, BLOCK_OVERHEAD);
      }
      used = addBatchCounters(used, consumed);
      isEmpty = false;
    },
    offer: (transaction) => {
      let decision = sealPolicy(used, transaction, limits);
      if (decision.resolution === "ExcludeAndSeal" && isEmpty) {
        // The block has nothing yet: with this transaction it becomes the first of the next batch.
        used = addBatchCounters(EMPTY_BATCH_COUNTERS, BLOCK_OVERHEAD);
        decision = sealPolicy(used, transaction, limits);
      }
      if (decision.resolution === "NoSeal" || decision.resolution === "IncludeAndSeal") {
        used = addBatchCounters(used, transaction);
        isEmpty = false;
      }
      return decision;
    },
  };
}

/** Runs `entry`; a program that breaks has taken it out of the block again. */
async function runOne(
  open: OpenBlock,
  entry: PoolEntry,
): Promise<TxOutcome | { readonly kind: "trapped"; readonly fault: string }> {
  try {
    return await open.run({ tx: entry.tx, sender: entry.sender, raw: entry.raw });
  } catch (error) {
    if (!isRollupError(error, "PROGRAM_TRAPPED")) throw error;
    return { kind: "trapped", fault: faultOf(error) };
  }
}

/**
 * Forgets what can never go in and sets aside what broke the program, apart from the block's commit:
 * there may be more of it than one commit takes, and after a crash the next block does it again.
 */
async function clearPool(node: Node, { dropped, trapped }: Filling): Promise<void> {
  let writes = createWriteSet(node.kv);
  const makeRoom = async (rows: number, rowBytes: number) => {
    if (writes.hasRoomFor(rows, rowBytes)) return;
    await writes.commit();
    writes = createWriteSet(node.kv);
  };
  for (const entry of dropped) {
    await makeRoom(1, 100);
    node.pool.remove(entry.hash);
    writes.delete(POOL, [hexToBytes(entry.hash)]);
  }
  for (const each of trapped) {
    await makeRoom(2, MAX_VALUE_BYTES);
    node.pool.remove(each.entry.hash);
    await stageTrappedTx(node, writes, each);
  }
  await writes.commit();
  for (const each of trapped) logTrappedTx(node, each);
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
  const parent = await requireBlockSummary(node.kv, latest - 1n);
  // The state goes first: with its checkpoint below, opening replays what the rows still hold.
  await node.state.unwind(latest - 1n, latest);
  try {
    const restored = restorable(node, block);
    const writes = createWriteSet(node.kv);
    unstageBlock(writes, block);
    for (const entry of restored) await stagePoolEntry(node, writes, entry);
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
  node.tip.set(parent);
  node.onBlockDropped?.(block);
}

/**
 * The block's transactions as entries that come before all that wait, but for taken nonces. Those
 * that came from L1 wait, too: they may have waited here before, or be in the place of one that did.
 */
function restorable(node: Node, block: StoredBlock): readonly PoolEntry[] {
  const lowest = node.pool.entries()[0]?.arrival ?? 0n;
  const first = lowest - BigInt(block.transactions.length);
  return block.transactions.map((tx, index) => ({
    ...tx,
    tx: decodeTransaction(tx.raw),
    arrival: first + BigInt(index),
  })).filter((entry, index) =>
    (index >= block.operationTxCount || !node.censored.has(entry.sender)) &&
    // A transaction that was admitted for the same nonce meanwhile stays.
    node.pool.entriesOf(entry.sender).every((other) => other.tx.nonce !== entry.tx.nonce)
  );
}
