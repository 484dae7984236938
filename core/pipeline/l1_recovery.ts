/**
 * What becomes of our transactions when L1, or what they were for, goes another way.
 *
 * Owns the three ways back: L1 lost them (they are sent again as they are), their batches have
 * another content (they are void), L1 shows their events (they are done). Does not own noticing any
 * of it (`stages/sync_l1.ts`, `unwind_trusted.ts`) or sending (`l1_sender.ts`).
 * @module
 */
import { CHECKPOINTS, L1_EVENTS, L1_TXS, type L1TxRow } from "../store/schema.ts";
import { listRows } from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import { readL1Heads } from "./heads.ts";
import {
  listL1TxRows,
  makeVoid,
  type NumberedL1TxRow,
  readL1Txs,
  SENDING_STAGES,
  type SendingStage,
} from "./l1_tx_rows.ts";
import { type Node, readCheckpoint } from "./node.ts";
import { hash32 } from "../primitives/hex.ts";
import type { StepOutcome } from "./stage.ts";

/** More than a row takes in a commit. */
const ROW_BYTES = 1_500;

/**
 * After L1 has lost transactions of ours: what was mined for batches above `target` is to be sent
 * again. Their bytes stay, so L1 sees the same transactions. The checkpoint goes last and never up.
 */
export async function unwindIntents(
  node: Node,
  stage: SendingStage,
  target: bigint,
): Promise<void> {
  let writes = createWriteSet(node.kv);
  for await (const { lastBatch, row } of listL1TxRows(node.kv, stage, target + 1n)) {
    if (!wasMined(row)) continue;
    if (!writes.hasRoomFor(1, ROW_BYTES)) {
      await writes.commit();
      writes = createWriteSet(node.kv);
    }
    writes.set(L1_TXS, [stage, lastBatch], {
      ...row,
      status: "reorged",
      l1BlockNumber: undefined,
      gasUsed: undefined,
    });
  }
  await writes.commit();
  await lowerCheckpoint(node, stage, target);
}

/**
 * The batches above `target` have another content now: nothing that was sent for them counts, and
 * the next transactions take over their nonces. The checkpoint goes last and never up.
 */
export async function abandonIntents(
  node: Node,
  stage: SendingStage,
  target: bigint,
): Promise<void> {
  await makeVoid(node, await readL1Txs(node.kv, stage, target));
  await lowerCheckpoint(node, stage, target);
}

async function lowerCheckpoint(node: Node, stage: SendingStage, target: bigint): Promise<void> {
  if (await readCheckpoint(node, stage) <= target) return;
  const writes = createWriteSet(node.kv);
  writes.set(CHECKPOINTS, [stage], target);
  await writes.commit();
}

/**
 * Holds our transactions against what L1 says now that it was read to its end, block `synced`: what
 * it shows is done; what was mined in a block that is read, and is not there, was in a fork that
 * nobody read, and is sent again; what the admin took back is void.
 */
export async function reviveLost(node: Node, synced: bigint): Promise<StepOutcome> {
  const heads = await readL1Heads(node);
  const known = { verify_batch: heads.verified, sequence_batch: heads.sequenced };
  for (const stage of ["verify_batch", "sequence_batch"] as const) {
    const lost = await findLost(node, stage, known[stage], synced);
    if (lost === undefined) continue;
    const { row, lastBatch } = lost;
    if (await wasRead(node, row)) {
      await abandonIntents(node, stage, known[stage]);
      const text = `L1 took back what ${row.hash} had brought: \`submit\` sends it anew`;
      return { kind: "progress", number: synced, text };
    }
    await unwindIntents(node, stage, known[stage]);
    const text = `L1 lost ${row.hash} of batch ${lastBatch}: \`submit\` sends it again`;
    return { kind: "progress", number: synced, text };
  }
  for (const stage of SENDING_STAGES) {
    const target = await lastMined(node, stage, known[stage]);
    if (await readCheckpoint(node, stage) <= target) continue;
    await lowerCheckpoint(node, stage, target);
    const text = `L1 took back what somebody had sent for batch ${target + 1n}`;
    return { kind: "progress", number: synced, text };
  }
  const doneCount = await markDone(node, known);
  if (doneCount === 0) return { kind: "idle" };
  return {
    kind: "progress",
    number: synced,
    text: `transactions of ours on L1: ${doneCount} done`,
  };
}

/**
 * What counts as mined above batch `known`, in a block that was read, or in one above L1's head that
 * has gone before anybody read it: no later block needs to come for that to show.
 */
async function findLost(
  node: Node,
  stage: SendingStage,
  known: bigint,
  synced: bigint,
): Promise<NumberedL1TxRow | undefined> {
  for await (const found of listL1TxRows(node.kv, stage, known + 1n)) {
    const { hash, l1BlockNumber } = found.row;
    if (!wasMined(found.row) || l1BlockNumber === undefined) continue;
    if (l1BlockNumber <= synced) return found;
    if (await node.l1.client.receipt(hash32(hash)) === undefined) return found;
  }
  return undefined;
}

/** The last batch that L1 has, `known`, or will be seen to have as a transaction of ours is mined. */
async function lastMined(node: Node, stage: SendingStage, known: bigint): Promise<bigint> {
  let last = known;
  for await (const { lastBatch, row } of listL1TxRows(node.kv, stage, known + 1n)) {
    if (wasMined(row)) last = lastBatch;
  }
  return last;
}

function wasMined({ status }: L1TxRow): boolean {
  return status === "confirmed" || status === "done";
}

/** Whether the event of our transaction was read where it was mined. */
async function wasRead(node: Node, { hash, l1BlockNumber }: L1TxRow): Promise<boolean> {
  if (l1BlockNumber === undefined) return false;
  const range = { from: [l1BlockNumber], until: [l1BlockNumber + 1n] };
  for await (const { value } of listRows(node.kv, L1_EVENTS, range)) {
    if (value.transactionHash === hash) return true;
  }
  return false;
}

/** Marks what is confirmed and whose event was read; how many there were. */
async function markDone(
  node: Node,
  known: Readonly<Record<SendingStage, bigint>>,
): Promise<number> {
  const writes = createWriteSet(node.kv);
  for (const stage of SENDING_STAGES) {
    const confirmed: NumberedL1TxRow[] = [];
    const range = { from: [stage, 0n], until: [stage, known[stage] + 1n], reverse: true };
    for await (const { key, value } of listRows(node.kv, L1_TXS, range)) {
      const lastBatch = key[2];
      // What lies below the latest one that is done is done too.
      if (typeof lastBatch !== "bigint" || value.status === "done") break;
      if (value.status === "confirmed") confirmed.push({ lastBatch, row: value });
    }
    // The lowest first: where one commit cannot hold all, the next step goes on above them.
    for (const { lastBatch, row } of confirmed.toReversed()) {
      if (!writes.hasRoomFor(1, ROW_BYTES)) break;
      writes.set(L1_TXS, [stage, lastBatch], { ...row, status: "done" });
    }
  }
  const doneCount = writes.mutationCount();
  await writes.commit();
  return doneCount;
}
