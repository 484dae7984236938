/**
 * Leaves and history of the state on disk: written behind the blocks, and taken back with them.
 *
 * Owns these rows and their checkpoint. Does not own the tree in memory or when it is written behind
 * (`state.ts`).
 * @module
 */
import { concatBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { type Hash32, hexToBytes } from "../primitives/hex.ts";
import type { StateTree } from "../tree/mod.ts";
import { flatKey, type StateDiff } from "../types/state.ts";
import { requireBlockSummary } from "./blocks.ts";
import { CHECKPOINTS, LEAVES, SLOT_HISTORY } from "./schema.ts";
import { listRows } from "./table.ts";
import { createWriteSet } from "./write_set.ts";

/** Checkpoint: leaves and history are on disk up to this block. */
export const STATE_CHECKPOINT = "state";

/** What a block has changed. */
export interface BlockDiffs {
  readonly blockNumber: bigint;
  readonly diffs: readonly StateDiff[];
}

/** Leaves and history of these blocks, in as many commits as it takes, checkpoint in the last. */
export async function writeBehind(
  kv: Deno.Kv,
  tree: StateTree,
  blocks: readonly BlockDiffs[],
): Promise<void> {
  let writes = createWriteSet(kv);
  const changedKeys = new Map<string, { key: Uint8Array; value: Hash32 }>();
  for (const { blockNumber, diffs } of blocks) {
    for (const diff of diffs) {
      const key = flatKey(diff);
      if (!writes.hasRoomFor(1, 200)) {
        await writes.commit();
        writes = createWriteSet(kv);
      }
      writes.set(SLOT_HISTORY, [key, blockNumber], hexToBytes(diff.newValue));
      changedKeys.set(key.toHex(), { key, value: diff.newValue });
    }
  }
  for (const { key, value } of changedKeys.values()) {
    const index = tree.indexOf(key);
    assert(index !== undefined, "a committed change has its leaf");
    if (!writes.hasRoomFor(2, 200)) {
      await writes.commit();
      writes = createWriteSet(kv);
    }
    writes.set(LEAVES, [BigInt(index)], concatBytes(key, hexToBytes(value)));
  }
  const last = blocks.at(-1);
  assert(last !== undefined, "there is something to write");
  writes.set(CHECKPOINTS, [STATE_CHECKPOINT], last.blockNumber);
  await writes.commit();
}

/** Puts leaves and history on disk back to what they were after `blockNumber`. */
export async function unwindBehind(
  kv: Deno.Kv,
  tree: StateTree,
  blockNumber: bigint,
  undone: {
    readonly blocks: readonly (readonly StateDiff[])[];
    readonly leafCounts: readonly number[];
  },
): Promise<void> {
  // The checkpoint goes first: a crash in between leaves stale rows that replays overwrite.
  const first = createWriteSet(kv);
  first.set(CHECKPOINTS, [STATE_CHECKPOINT], blockNumber);
  await first.commit();
  const values = new Map<string, { key: Uint8Array; value: Hash32 }>();
  for (const diffs of undone.blocks) {
    for (const diff of diffs) {
      values.set(flatKey(diff).toHex(), { key: flatKey(diff), value: diff.oldValue });
    }
  }
  const leafCount = undone.leafCounts.at(-1) ?? tree.leafCount();
  let writes = createWriteSet(kv);
  const makeRoom = async () => {
    if (writes.hasRoomFor(2, 200)) return;
    await writes.commit();
    writes = createWriteSet(kv);
  };
  for (const { key, value } of values.values()) {
    const index = tree.indexOf(key);
    assert(index !== undefined, "a change that is taken back has its leaf");
    await makeRoom();
    if (index >= leafCount) writes.delete(LEAVES, [BigInt(index)]);
    else writes.set(LEAVES, [BigInt(index)], concatBytes(key, hexToBytes(value)));
    const range = { from: [key, blockNumber + 1n], until: [key, 1n << 64n] };
    for await (const row of listRows(kv, SLOT_HISTORY, range)) {
      const at = row.key[2];
      if (typeof at !== "bigint") continue;
      await makeRoom();
      writes.delete(SLOT_HISTORY, [key, at]);
    }
  }
  await writes.commit();
}

/** Leaf counts before each of the blocks `latest` down to `blockNumber + 1`. */
export async function leafCountsBelow(
  kv: Deno.Kv,
  blockNumber: bigint,
  latest: bigint,
): Promise<readonly number[]> {
  const counts: number[] = [];
  for (let number = latest - 1n; number >= blockNumber; number--) {
    counts.push(Number((await requireBlockSummary(kv, number)).leafCount));
  }
  return counts;
}
