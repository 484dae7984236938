/**
 * Stage 6: what L1 says becomes what the node believes.
 *
 * Owns reading rollup events in log order, one commit per range of L1 blocks, and noticing that L1 has
 * reorganised. Checkpoint: the latest L1 block that was read. The heads `sequenced` and `verified`
 * follow from the event rows and from nothing else.
 * @module
 */
import { readSequencedBatch } from "../../l1/calls.ts";
import { decodeRollupEvent, type RollupEvent } from "../../l1/events.ts";
import type { L1Block, L1Log } from "../../l1/l1_client.ts";
import { RollupError } from "../../primitives/errors.ts";
import { readBatch } from "../../store/batches.ts";
import { CHECKPOINTS, L1_BLOCKS, L1_EVENTS, L1_TXS } from "../../store/schema.ts";
import { listRows, readRow } from "../../store/table.ts";
import { createWriteSet, type WriteSet } from "../../store/write_set.ts";
import { readL1Heads } from "../heads.ts";
import { unwindIntents } from "../l1_sender.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome } from "../stage.ts";

/** Codes of this stage. */
export type SyncErrorCode = "L1_DIFFERS_FROM_TRUSTED_STATE" | "L1_BLOCK_MISSING";

/** L1 blocks whose events are asked for at once. */
const MAX_RANGE = 1_000n;
/** Events that one commit surely holds. */
const MAX_EVENTS = 500;

/** Reads the next range of L1 blocks, at most up to the L1's head. */
export const syncL1: Stage = { id: "sync_l1", step, unwind };

async function step(node: Node): Promise<StepOutcome> {
  const { client, rollup, deployedAtL1Block } = node.l1;
  const latest = await client.block("latest");
  if (latest === undefined) return { kind: "waiting", text: "L1 has no block yet" };
  const synced = await readCheckpoint(node, "sync_l1");
  const agreed = await agreedL1Block(node, synced);
  if (agreed < synced) {
    await unwind(node, agreed);
    return {
      kind: "progress",
      number: agreed,
      text: `unwound to L1 block ${agreed}: L1 reorganised`,
    };
  }
  if (synced >= latest.number) return await reviveLost(node, synced);
  const first = synced + 1n > deployedAtL1Block ? synced + 1n : deployedAtL1Block;
  const last = first + MAX_RANGE - 1n < latest.number ? first + MAX_RANGE - 1n : latest.number;
  const lastBefore = last === latest.number ? latest : await requireL1Block(node, last);
  const logs = first > last
    ? []
    : await client.logs({ address: rollup, fromBlock: first, toBlock: last });
  // All events of the range go into one commit; a range with too many ends at a block's end.
  const cutOff = logs[MAX_EVENTS]?.blockNumber;
  const until = cutOff === undefined ? last : cutOff > first ? cutOff - 1n : cutOff;
  const block = await requireL1Block(node, until);
  const events = logs.filter((each) => each.blockNumber <= until);
  // Logs are of the chain that is written down only if its block is the same before and after.
  const isOneChain =
    events.every((each) => each.blockNumber !== until || each.blockHash === block.hash) &&
    (until !== last || block.hash === lastBefore.hash);
  if (!isOneChain) throw l1BlockMissing(until, "it was replaced while it was read");
  const writes = createWriteSet(node.kv);
  for (const log of events) await stageEvent(node, writes, log);
  writes.set(L1_BLOCKS, [until], { hash: block.hash });
  writes.set(CHECKPOINTS, ["sync_l1"], until);
  await writes.commit();
  node.clock.observe(block.timestampSec);
  return { kind: "done", number: until };
}

/**
 * L1 was read to its end. A transaction of ours that was mined in a block that is read now, and
 * whose event is not there, was in a fork that nobody read: it is to be sent again.
 */
async function reviveLost(node: Node, synced: bigint): Promise<StepOutcome> {
  const heads = await readL1Heads(node);
  const stages = [["verify_batch", heads.verified], ["sequence_batch", heads.sequenced]] as const;
  for (const [stage, known] of stages) {
    const row = await readRow(node.kv, L1_TXS, [stage, known + 1n]);
    if (row?.status !== "mined" || row.l1BlockNumber === undefined) continue;
    if (row.l1BlockNumber > synced) continue;
    await unwindIntents(node, stage, known);
    const text = `L1 lost ${row.hash} of batch ${known + 1n}: \`submit\` sends it again`;
    return { kind: "progress", number: synced, text };
  }
  return { kind: "idle" };
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

/** Writes one event down after holding it against what was sealed here. */
async function stageEvent(node: Node, writes: WriteSet, log: L1Log): Promise<void> {
  const event = decodeRollupEvent(log);
  if (event === undefined) return;
  await checkAgainstTrusted(node, event);
  writes.set(L1_EVENTS, [log.blockNumber, log.logIndex], {
    kind: event.kind,
    batchNumber: event.lastBatch,
    hash: event.kind === "verified" ? event.stateRoot : event.l1InfoRoot,
    transactionHash: log.transactionHash,
  });
}

/** A trusted sequencer must not go on when L1 knows another history than its own. */
async function checkAgainstTrusted(node: Node, event: RollupEvent): Promise<void> {
  const difference = await findDifference(node, event);
  if (difference === undefined) return;
  throw new RollupError<SyncErrorCode>(
    "L1_DIFFERS_FROM_TRUSTED_STATE",
    `Cannot follow L1 at batch ${event.lastBatch}: ${difference}`,
    {
      details: {
        batchNumber: event.lastBatch,
        kind: event.kind,
        transactionHash: event.at.transactionHash,
      },
      mend: "Another sender used this chain's keys, or the L1 is another chain's; " +
        "start with a fresh `--data DIR`.",
    },
  );
}

/** The first thing in which L1 and this node disagree about a batch; `undefined` when none. */
async function findDifference(node: Node, event: RollupEvent): Promise<string | undefined> {
  const batch = await readBatch(node.kv, event.lastBatch);
  if (batch === undefined) return "the batch is not sealed here";
  if (event.kind === "verified") {
    return event.stateRoot === batch.newStateRoot
      ? undefined
      : `its state root is ${event.stateRoot} on L1 and ${batch.newStateRoot} here`;
  }
  const { client, rollup } = node.l1;
  const onL1 = await readSequencedBatch(client, rollup, event.lastBatch);
  // An L1 that has dropped it meanwhile has reorganised, which the next step finds.
  if (onL1 === undefined || onL1.accInputHash === batch.newAccInputHash) return undefined;
  return `its data is other than what was sealed: accInputHash is ${onL1.accInputHash} on L1 ` +
    `and ${batch.newAccInputHash} here`;
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
 * Forgets what L1 said above `target` and marks our transactions there to be sent again. The
 * checkpoint goes last: until then a crash leads here again.
 */
async function unwind(node: Node, target: bigint): Promise<void> {
  if (await readCheckpoint(node, "sync_l1") <= target) return;
  const heads = await readL1Heads(node, target);
  await unwindIntents(node, "verify_batch", heads.verified);
  await unwindIntents(node, "sequence_batch", heads.sequenced);
  let writes = createWriteSet(node.kv);
  const makeRoom = async () => {
    if (writes.hasRoomFor(2, 100)) return;
    await writes.commit();
    writes = createWriteSet(node.kv);
  };
  const above = { from: [target + 1n], reverse: true };
  // Latest first, so that what is left at any time is what L1 had said up to some block.
  for await (const { key } of listRows(node.kv, L1_EVENTS, above)) {
    if (typeof key[1] !== "bigint" || typeof key[2] !== "bigint") continue;
    await makeRoom();
    writes.delete(L1_EVENTS, [key[1], key[2]]);
  }
  for await (const { key } of listRows(node.kv, L1_BLOCKS, above)) {
    if (typeof key[1] !== "bigint") continue;
    await makeRoom();
    writes.delete(L1_BLOCKS, [key[1]]);
  }
  const anchor = await readRow(node.kv, L1_BLOCKS, [target]);
  await makeRoom();
  writes.set(CHECKPOINTS, ["sync_l1"], anchor === undefined ? 0n : target);
  await writes.commit();
  node.log.warn("Unwound L1 blocks", { l1BlockNumber: target });
}
