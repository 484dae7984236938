/**
 * Stage 6: what L1 says becomes what the node believes.
 *
 * Owns reading rollup events in log order, one L1 block after another, noticing that L1 has
 * reorganised, and forgetting what it took back. Checkpoint: the latest L1 block that was read. The
 * heads `sequenced` and `verified` follow from the event rows and from nothing else. What an event
 * says is written down by `l1_events.ts`; a batch that only L1 has is executed by `derive_batch.ts`
 * before anything further is read.
 * @module
 */
import { requireRollup } from "../../l1/rollup_views.ts";
import type { L1Block } from "../../l1/l1_client.ts";
import { RollupError } from "../../primitives/errors.ts";
import { areaLog } from "../../primitives/ports.ts";
import {
  CHECKPOINTS,
  L1_BLOCKS,
  L1_EVENTS,
  OPERATIONS,
  VIRTUAL_BATCHES,
} from "../../store/schema.ts";
import { listRows, readRow } from "../../store/table.ts";
import { createWriteSet, type WriteSet } from "../../store/write_set.ts";
import { deriveStep, resolveDifference } from "../derive_batch.ts";
import { readBatch, requireBatch } from "../../store/batches.ts";
import { requireBlockSummary } from "../../store/blocks.ts";
import { readL1Heads } from "../heads.ts";
import { type ReadBlock, readEvents } from "../l1_events.ts";
import { reviveLost, unwindIntents } from "../l1_recovery.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome } from "../stage.ts";
import { announce, unwindTrusted } from "../unwind_trusted.ts";

/** Codes of this stage. */
export type SyncErrorCode = "L1_BLOCK_MISSING";

/** More than the row of the longest operation takes in a commit. */
const MAX_OPERATION_ROW_BYTES = 6_000;

/** Reads the next L1 block that has events, at most up to the L1's head. */
export const syncL1: Stage = { id: "sync_l1", step, unwind };

async function step(node: Node): Promise<StepOutcome> {
  const { client, deployedAtL1Block } = node.l1;
  const latest = await client.block("latest");
  if (latest === undefined) return { kind: "waiting", text: "L1 has no block yet" };
  const synced = await readCheckpoint(node, "sync_l1");
  const agreed = await agreedL1Block(node, synced);
  if (agreed < synced) {
    await announce(node, unwind(node, agreed));
    return {
      kind: "progress",
      number: agreed,
      text: `unwound to L1 block ${await readCheckpoint(node, "sync_l1")}: L1 reorganised`,
    };
  }
  if (latest.number < deployedAtL1Block) await requireRollup(client, node.l1.rollup);
  // Only now: what L1 has taken back is not executed, and nobody stops for it.
  const derived = await deriveStep(node);
  if (derived.kind !== "idle") return derived;
  if (synced >= latest.number) return await atHead(node, synced);
  const first = synced + 1n > deployedAtL1Block || latest.number < deployedAtL1Block
    ? synced + 1n
    : deployedAtL1Block;
  const next = await node.l1Feed.next(node, first, latest.number);
  if (next === undefined) throw l1BlockMissing(first, "it was replaced while it was read");
  const { l1BlockNumber, logs } = next;
  const block = await requireL1Block(node, l1BlockNumber);
  const isOneChain = logs.every(({ blockHash }) => blockHash === block.hash) &&
    (l1BlockNumber !== synced + 1n || await followsRead(node, block, synced)) &&
    await agreedL1Block(node, synced) === synced;
  if (!isOneChain) {
    node.l1Feed.clear();
    throw l1BlockMissing(l1BlockNumber, "it was replaced while it was read");
  }
  const read = await readEvents(node, block, logs);
  if (read.contradiction?.kind !== "batch") return await takeBlock(node, read);
  const dropped = await resolveDifference(node, read.contradiction);
  // At once, as L1 may have rolled a batch back within this block: until the block is taken, what is
  // known of L1 has the batch before the rollback, which the next step would execute again.
  const again = await takeBlock(node, await readEvents(node, block, logs));
  return again.kind === "done" ? dropped : again;
}

/** Writes what an L1 block says; large ones take several commits, of which the last one counts. */
async function takeBlock(node: Node, read: ReadBlock): Promise<StepOutcome> {
  const { block, rows, warnings, contradiction } = read;
  if (contradiction?.kind === "operation") return await dropConsumed(node, contradiction.number);
  if (contradiction?.kind === "batch") return await resolveDifference(node, contradiction);
  let writes = createWriteSet(node.kv);
  const makeRoom = async (rowBytes: number) => {
    if (writes.hasRoomFor(3, rowBytes)) return;
    await writes.commit();
    writes = createWriteSet(node.kv);
  };
  // A crash within a large L1 block leaves rows that another block in its place may not have.
  const synced = await readCheckpoint(node, "sync_l1");
  await forgetAbove(node, synced, async () => {
    await makeRoom(MAX_OPERATION_ROW_BYTES);
    return writes;
  });
  for (const row of rows) {
    await makeRoom(row.sizeBytes);
    row.stage(writes);
  }
  writes.set(L1_BLOCKS, [block.number], { hash: block.hash });
  writes.set(CHECKPOINTS, ["sync_l1"], block.number);
  await writes.commit();
  node.clock.observe(block.timestampSec);
  for (const { text, fields } of warnings) areaLog(node.log, "sync").warn(text, fields);
  return { kind: "done", number: block.number };
}

/** L1 was read to its end: what of ours it should have by now and has not is to be done again. */
async function atHead(node: Node, synced: bigint): Promise<StepOutcome> {
  const missing = await missingOperation(node, synced);
  if (missing !== undefined) return await dropConsumed(node, missing);
  const dropped = await dropLostBatches(node);
  if (dropped !== undefined) return dropped;
  return await reviveLost(node, synced);
}

/**
 * A batch that came from L1 alone has no other source: where L1 has lost it, it goes here, too. What
 * was sealed here stays and is sent again.
 */
async function dropLostBatches(node: Node): Promise<StepOutcome | undefined> {
  const { sequenced } = await readL1Heads(node);
  const next = await readBatch(node.kv, sequenced + 1n);
  if (next?.sealReason !== "sequenced on L1") return undefined;
  await unwindTrusted(node, sequenced);
  const text = `dropped what was here after batch ${sequenced}: L1 lost batch ${next.number}`;
  areaLog(node.log, "sync").warn("Dropped a batch of L1 that L1 lost", {
    batchNumber: next.number,
  });
  return { kind: "progress", number: sequenced, text };
}

/**
 * The lowest operation that a block here has consumed and that L1 lacks, though it has come as far
 * as it had when the operation was there.
 */
async function missingOperation(node: Node, synced: bigint): Promise<bigint | undefined> {
  let missing: bigint | undefined;
  // What L1 took back is the end of what was consumed.
  for (let number = node.tip.get().lastOperation; number > 0n; number--) {
    const row = await readRow(node.kv, OPERATIONS, [number]);
    if (row !== undefined && !row.isLost) break;
    if (row === undefined || row.l1BlockNumber <= synced) missing = number;
  }
  return missing;
}

/** Blocks from the one on that consumed operation `number` cannot stay: L1 has another queue. */
async function dropConsumed(node: Node, number: bigint): Promise<StepOutcome> {
  const { block, batch } = await lastBefore(node, number);
  await unwindTrusted(node, batch, block);
  const writes = createWriteSet(node.kv);
  for await (const { key, value } of listRows(node.kv, OPERATIONS, { from: [number] })) {
    if (typeof key[1] !== "bigint" || !value.isLost) continue;
    if (!writes.hasRoomFor(1, 100)) break;
    writes.delete(OPERATIONS, [key[1]]);
  }
  await writes.commit();
  const text = `dropped the blocks after ${block}: L1 took operation ${number} back`;
  areaLog(node.log, "sync").warn("Dropped blocks as L1 took an operation back", {
    operation: number,
    block,
  });
  return { kind: "progress", number: block, text };
}

/** The last block, and the last sealed batch, before operation `number` was consumed. */
async function lastBefore(
  node: Node,
  number: bigint,
): Promise<{ readonly block: bigint; readonly batch: bigint }> {
  let low = 0n;
  let high: bigint = node.tip.get().header.number;
  while (low < high) {
    const middle = (low + high + 1n) / 2n;
    if ((await requireBlockSummary(node.kv, middle)).lastOperation < number) low = middle;
    else high = middle - 1n;
  }
  let batch = await readCheckpoint(node, "seal_batch");
  while (batch > 0n && (await requireBatch(node.kv, batch)).lastBlock > low) batch--;
  return { block: low, batch };
}

async function requireL1Block(node: Node, number: bigint): Promise<L1Block> {
  const block = await node.l1.client.block(number);
  if (block === undefined) {
    throw l1BlockMissing(number, "the L1 node named it and does not have it");
  }
  return block;
}

function l1BlockMissing(l1BlockNumber: bigint, reason: string): RollupError<SyncErrorCode> {
  return new RollupError("L1_BLOCK_MISSING", `Cannot read L1 block ${l1BlockNumber}: ${reason}`, {
    details: { l1BlockNumber, reason },
    mend: "Run `sync` again; L1 may be reorganising.",
  });
}

/** Whether `block` is the child of the block that was read last. */
async function followsRead(node: Node, block: L1Block, synced: bigint): Promise<boolean> {
  const row = await readRow(node.kv, L1_BLOCKS, [synced]);
  return row === undefined || row.hash === block.parentHash;
}

/** The latest synchronized L1 block that L1 still has; 0 when it has none of them. */
async function agreedL1Block(node: Node, synced: bigint): Promise<bigint> {
  if (synced === 0n) return 0n;
  const range = { until: [synced + 1n], reverse: true };
  for await (const { key, value } of listRows(node.kv, L1_BLOCKS, range)) {
    const number = key[1];
    if (typeof number !== "bigint") continue;
    const block = await node.l1.client.block(number);
    if (block?.hash === value.hash) return number;
  }
  return 0n;
}

/**
 * Forgets what L1 said above `target` and marks our transactions there to be sent again. Blocks of
 * L1 go first and the checkpoint last: until then a crash leads here again.
 */
async function unwind(node: Node, target: bigint): Promise<void> {
  if (await readCheckpoint(node, "sync_l1") <= target) return;
  node.l1Feed.clear();
  const lowest = await beforeRolledBack(node, target);
  const heads = await readL1Heads(node, lowest);
  await unwindIntents(node, "verify_batch", heads.verified);
  await unwindIntents(node, "sequence_batch", heads.sequenced);
  let writes = createWriteSet(node.kv);
  const makeRoom = async () => {
    if (writes.hasRoomFor(2, MAX_OPERATION_ROW_BYTES)) return;
    await writes.commit();
    writes = createWriteSet(node.kv);
  };
  const above = { from: [lowest + 1n], reverse: true };
  for await (const { key } of listRows(node.kv, L1_BLOCKS, above)) {
    if (typeof key[1] !== "bigint") continue;
    await makeRoom();
    writes.delete(L1_BLOCKS, [key[1]]);
  }
  await forgetAbove(node, lowest, async () => {
    await makeRoom();
    return writes;
  });
  const anchor = await lastReadBlock(node, lowest);
  await makeRoom();
  writes.set(CHECKPOINTS, ["sync_l1"], anchor);
  await writes.commit();
  areaLog(node.log, "sync").warn("Unwound L1 blocks", { l1BlockNumber: anchor });
}

/**
 * Forgets the rows of L1 blocks above `l1BlockNumber`, the latest first, so that what is left at any
 * time is what L1 had said up to some block. An operation that a block here has consumed is only
 * marked: it may come back.
 */
async function forgetAbove(
  node: Node,
  l1BlockNumber: bigint,
  room: () => Promise<WriteSet>,
): Promise<void> {
  const above = { from: [l1BlockNumber + 1n], reverse: true };
  for await (const { key } of listRows(node.kv, L1_EVENTS, above)) {
    if (typeof key[1] !== "bigint" || typeof key[2] !== "bigint") continue;
    (await room()).delete(L1_EVENTS, [key[1], key[2]]);
  }
  for await (const { key, value } of listRows(node.kv, VIRTUAL_BATCHES, { reverse: true })) {
    if (typeof key[1] !== "bigint" || value.l1BlockNumber <= l1BlockNumber) break;
    (await room()).delete(VIRTUAL_BATCHES, [key[1]]);
  }
  const consumed = node.tip.get().lastOperation;
  for await (const { key, value } of listRows(node.kv, OPERATIONS, { reverse: true })) {
    if (typeof key[1] !== "bigint") continue;
    // Lost ones keep the number of the block where they were.
    if (value.isLost) continue;
    if (value.l1BlockNumber <= l1BlockNumber) break;
    const writes = await room();
    if (key[1] > consumed) writes.delete(OPERATIONS, [key[1]]);
    else writes.set(OPERATIONS, [key[1]], { ...value, isLost: true });
  }
}

/**
 * What was rolled back on L1 above `target` is to be read again from before the first batch that the
 * rollback has removed, as its rows went with it.
 */
async function beforeRolledBack(node: Node, target: bigint): Promise<bigint> {
  let kept: bigint | undefined;
  for await (const { value } of listRows(node.kv, L1_EVENTS, { from: [target + 1n] })) {
    if (value.kind !== "rolledBack") continue;
    if (kept === undefined || value.number < kept) kept = value.number;
  }
  if (kept === undefined) return target;
  for await (const { key, value } of listRows(node.kv, L1_EVENTS)) {
    if (value.kind !== "sequenced" && value.kind !== "forceSequenced") continue;
    if (value.number <= kept || typeof key[1] !== "bigint") continue;
    return key[1] <= target ? key[1] - 1n : target;
  }
  return target;
}

/** The latest L1 block up to `l1BlockNumber` that was read; 0 when there is none. */
async function lastReadBlock(node: Node, l1BlockNumber: bigint): Promise<bigint> {
  const range = { until: [l1BlockNumber + 1n], reverse: true, limit: 1 };
  for await (const { key } of listRows(node.kv, L1_BLOCKS, range)) {
    if (typeof key[1] === "bigint") return key[1];
  }
  return 0n;
}
