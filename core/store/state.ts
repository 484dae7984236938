/**
 * The state on disk: the tree in memory, its leaves and the history of every slot in KV.
 *
 * A block's own row holds its diffs; leaves and history are derived from those rows and written
 * behind, many blocks at once. So the commit of a block does not grow with the state, and a crash
 * between the two costs only a replay of the diffs since the state checkpoint.
 * Does not own what the slots mean.
 * @module
 */
import { equalBytes } from "../primitives/bytes.ts";
import { assert, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../primitives/hex.ts";
import { createWeightedMap } from "../primitives/weighted_map.ts";
import { flatKey, type SlotId, type StateDiff } from "../types/state.ts";
import { type LeafUpdate, openStateTree, type StateTree, type TreeHash } from "../tree/mod.ts";
import type { StoragePort } from "../vm/executor.ts";
import { readBlob, writeBlob } from "./blob.ts";
import { readBlockSummary, readDiffs, requireBlockSummary } from "./blocks.ts";
import { CHECKPOINTS, CODES, LEAVES, SLOT_HISTORY } from "./schema.ts";
import {
  type BlockDiffs,
  leafCountsBelow,
  STATE_CHECKPOINT,
  unwindBehind,
  writeBehind,
} from "./state_rows.ts";
import { listRows, readRow, requireRow, type StoreErrorCode } from "./table.ts";
import { applyAgain, diffToWrite, mergeBlocks, mergeLegs, undoBlock } from "./tree_changes.ts";
import { createWriteSet } from "./write_set.ts";

/** A row of {@linkcode LEAVES}: key and value. */
const LEAF_BYTES = 64;
/** Looks at a tree in motion before giving up: far more than a block's commit takes. */
const MAX_MEETINGS = 10_000;
/** Changes that are worth being written behind. */
const FLUSH_AFTER_CHANGES = 2_000;
/** So many are not left waiting. */
const MAX_WAITING_CHANGES = 20_000;
/** Codes that are kept in memory, and what each takes there beside its bytes. */
const MAX_KEPT_CODE_BYTES = 8_000_000;
const KEPT_CODE_BYTES = 200;

/** Changes of the latest blocks that stay in memory for who looks back; some 10 MB. */
const MAX_RECENT_DIFFS = 20_000;

/** What a block did to the tree, to be committed or taken back. */
export interface AppliedBlock {
  readonly stateRoot: Hash32;
  readonly leafCount: bigint;
  readonly updates: readonly LeafUpdate[];
}

/** The state after the latest block, and after every earlier one. */
export interface StateStore {
  readonly tree: StateTree;
  /** Applies a block's diffs to the tree in memory, in one batched write. */
  apply(diffs: readonly StateDiff[]): AppliedBlock;
  /** Takes the latest {@linkcode StateStore.apply} back. */
  revert(applied: AppliedBlock): void;
  /** The block is committed: its changes may be written behind. */
  committed(blockNumber: bigint, diffs: readonly StateDiff[]): Promise<void>;
  /** The value of a slot after block `blockNumber`. */
  readSlotAt(blockNumber: bigint, id: SlotId): Promise<Hash32>;
  /**
   * The state after the latest block, slots read synchronously from the tree: who awaits anything
   * between two reads may see two blocks, which {@linkcode StateStore.version} tells.
   */
  latest(): StoragePort;
  /** Raised whenever the tree in memory moves, also for a block that is not committed yet. */
  version(): number;
  /** Whether the tree in memory has this root now. */
  isAt(stateRoot: Hash32): boolean;
  /** The state after block `blockNumber`. */
  at(blockNumber: bigint): StoragePort;
  /** Runs `action` on the tree as it was after `blockNumber`, then brings the tree back. */
  withTreeAt<Result>(
    blockNumber: bigint,
    latestBlock: bigint,
    action: (tree: StateTree) => Result,
  ): Promise<Result>;
  /**
   * Runs `visit` on the tree as it was after each of `blockNumbers`, which ascend, then brings the
   * tree back: one way there and back for all of them. `visit` is told the position in the list.
   */
  walkTree<Result>(
    blockNumbers: readonly bigint[],
    latestBlock: bigint,
    visit: (tree: StateTree, position: number) => Result,
  ): Promise<readonly Result[]>;
  /** What block `number` has changed. */
  diffsOf(number: bigint): Promise<readonly StateDiff[]>;
  /** Removes blocks above `blockNumber` from the tree and from what is written behind. */
  unwind(blockNumber: bigint, latestBlock: bigint): Promise<void>;
  /**
   * Begins to write behind if enough has changed; for who has made blocks and makes no more at once,
   * as the commit of a block would wait for it.
   */
  flushSoon(): void;
  /** Writes everything behind now. */
  flush(): Promise<void>;
}

/**
 * Opens the state as of `latestBlock`: leaves from disk, then the diffs of the blocks after the
 * state checkpoint.
 *
 * @throws `STORE_ROW_CORRUPT` when the tree has not the root that the latest header names.
 */
export async function openState(
  kv: Deno.Kv,
  hash: TreeHash,
  latestBlock: bigint | undefined,
): Promise<StateStore> {
  const { tree, replayed: pendingDiffs } = await loadTree(kv, hash, latestBlock);
  const codes = createWeightedMap<Hash32, Uint8Array>(MAX_KEPT_CODE_BYTES);
  const fetchCode = async (codeHash: Hash32): Promise<Uint8Array> => {
    const code = await readBlob(kv, await requireRow(kv, CODES, [hexToBytes(codeHash)]));
    codes.set(codeHash, code, code.length + KEPT_CODE_BYTES);
    return code;
  };
  /** At once when it is at hand: a program that need not wait for a code runs through. */
  const readCode = (codeHash: Hash32): Uint8Array | Promise<Uint8Array> =>
    codes.get(codeHash) ?? fetchCode(codeHash);

  let flushing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    // One after another: readers of the past and the block builder may ask at the same time.
    const run = flushing.then(async () => {
      const blocks = [...pendingDiffs];
      if (blocks.length === 0) return;
      await writeBehind(kv, tree, blocks);
      // Only now: what failed to be written waits on.
      pendingDiffs.splice(0, blocks.length);
    });
    flushing = run.catch(() => {});
    return run;
  };
  const findSlotAt = async (blockNumber: bigint, id: SlotId): Promise<Hash32 | undefined> => {
    await flush();
    const range = {
      from: [flatKey(id)],
      until: [flatKey(id), blockNumber + 1n],
      reverse: true,
      limit: 1,
    };
    for await (const { value } of listRows(kv, SLOT_HISTORY, range)) return bytesToHash32(value);
    return undefined;
  };
  const readSlotAt = async (blockNumber: bigint, id: SlotId): Promise<Hash32> =>
    await findSlotAt(blockNumber, id) ?? ZERO_HASH;
  let version = 0;
  /** What tells who keeps slots that they are still those of the tree. */
  let moment = { version };
  const momentNow = (): object => {
    if (moment.version !== version) moment = { version };
    return moment;
  };
  const readLatest = (address: Address, slot: Hash32): Hash32 => {
    const value = tree.get(flatKey({ address, slot }));
    return value === undefined ? ZERO_HASH : bytesToHash32(value);
  };
  let known: { readonly version: number; readonly root: Hash32 } | undefined;
  /** Every call asks for it, and taking it from the tree costs more than many a call reads. */
  const rootNow = (): Hash32 => {
    if (known?.version !== version) known = { version, root: bytesToHash32(tree.root()) };
    return known.root;
  };
  const apply = (diffs: readonly StateDiff[]): AppliedBlock => {
    version++;
    const updates = tree.applyWrites(diffs.map(diffToWrite));
    return {
      stateRoot: bytesToHash32(tree.root()),
      leafCount: BigInt(tree.leafCount()),
      updates,
    };
  };
  const recentDiffs = createWeightedMap<bigint, readonly StateDiff[]>(MAX_RECENT_DIFFS);
  const diffsOf = async (number: bigint): Promise<readonly StateDiff[]> =>
    recentDiffs.get(number) ?? await readDiffs(kv, number);
  const rewind = async (blockNumber: bigint, latest: bigint) => {
    const blocks: (readonly StateDiff[])[] = [];
    for (let number = latest; number > blockNumber; number--) blocks.push(await diffsOf(number));
    await requireBlockSummary(kv, blockNumber);
    return { blocks, targetLeafCounts: await leafCountsBelow(kv, blockNumber, latest) };
  };
  const walkTree: StateStore["walkTree"] = async (blockNumbers, latestBlock, visit) => {
    const [first] = blockNumbers;
    if (first === undefined) return [];
    let latest = latestBlock;
    let past = await rewind(first, latest);
    let { stateRoot } = (await requireBlockSummary(kv, latest)).header;
    // Who is in no queue with the block builder may meet a tree that has gone on.
    for (let attempt = 0; bytesToHash32(tree.root()) !== stateRoot; attempt++) {
      if (attempt === MAX_MEETINGS) throw stateMoves(latest);
      if (await readBlockSummary(kv, latest + 1n) !== undefined) {
        latest++;
        past = await rewind(first, latest);
      }
      stateRoot = (await requireBlockSummary(kv, latest)).header.stateRoot;
    }
    const { blocks, targetLeafCounts } = past;
    // From here on nothing awaits: nobody else sees the tree while it stands in the past.
    const legs = blockNumbers.map((from, position) => {
      const until = blockNumbers[position + 1] ?? latest;
      assert(from <= until, "who walks through the past does not turn round");
      const leg = blocks.slice(Number(latest - until), Number(latest - from));
      const leafCount = targetLeafCounts[Number(latest - from) - 1] ?? tree.leafCount();
      return mergeBlocks(tree, leg, leafCount);
    });
    tree.revertWrites(mergeLegs(legs));
    let walked = 0;
    try {
      return legs.map((leg, position) => {
        const result = visit(tree, position);
        applyAgain(tree, leg);
        walked++;
        return result;
      });
    } finally {
      for (const leg of legs.slice(walked)) applyAgain(tree, leg);
    }
  };

  let unflushedCount = pendingDiffs.reduce((sum, block) => sum + block.diffs.length, 0);
  const flushNow = (): Promise<void> => {
    unflushedCount = 0;
    return flush();
  };

  return {
    tree,
    apply,
    revert: (applied) => {
      version++;
      tree.revertWrites(applied.updates);
    },
    version: () => version,
    isAt: (stateRoot) => rootNow() === stateRoot,
    committed: async (blockNumber, diffs) => {
      recentDiffs.set(blockNumber, diffs, diffs.length);
      pendingDiffs.push({ blockNumber, diffs });
      unflushedCount += diffs.length;
      if (unflushedCount >= MAX_WAITING_CHANGES) await flushNow();
    },
    readSlotAt,
    latest: () => ({
      isAtHand: true,
      moment: momentNow(),
      readSlot: readLatest,
      isWritten: (address, slot) => tree.indexOf(flatKey({ address, slot })) !== undefined,
      readCode,
    }),
    at: (blockNumber) => ({
      readSlot: (address, slot) => readSlotAt(blockNumber, { address, slot }),
      isWritten: async (address, slot) =>
        await findSlotAt(blockNumber, { address, slot }) !== undefined,
      readCode,
    }),
    withTreeAt: async (blockNumber, latestBlock, action) => {
      const visit = (past: StateTree) => ({ result: action(past) });
      const [visited] = await walkTree([blockNumber], latestBlock, visit);
      assert(visited !== undefined, "a walk to one block visits it");
      return visited.result;
    },
    walkTree,
    diffsOf,
    unwind: async (blockNumber, latest) => {
      await flush();
      const { blocks, targetLeafCounts } = await rewind(blockNumber, latest);
      recentDiffs.forget((number) => number > blockNumber);
      await unwindBehind(kv, tree, blockNumber, { blocks, leafCounts: targetLeafCounts });
      version++;
      for (const [index, diffs] of blocks.entries()) {
        undoBlock(tree, diffs, targetLeafCounts[index] ?? 0);
      }
    },
    flushSoon: () => {
      // What fails now is tried again with what comes next, and told to who waits for that.
      if (unflushedCount >= FLUSH_AFTER_CHANGES) flushNow().catch(() => {});
    },
    flush: flushNow,
  };
}

/**
 * Stores deployed codes. Rows under their own hash say nothing until a slot names them, so they may
 * precede the commit of their block: a block can deploy more than one commit takes.
 */
export async function writeCodes(
  kv: Deno.Kv,
  codes: ReadonlyMap<Hash32, Uint8Array>,
): Promise<void> {
  let writes = createWriteSet(kv);
  for (const [codeHash, code] of codes) {
    const field = await writeBlob(kv, code);
    if (!writes.hasRoomFor(1, field.length + 16)) {
      await writes.commit();
      writes = createWriteSet(kv);
    }
    writes.set(CODES, [hexToBytes(codeHash)], field);
  }
  await writes.commit();
}

/** Blocks went on being made: each time that the tree was to be used it had gone on again. */
function stateMoves(latestBlock: bigint): RollupError<StoreErrorCode> {
  return new RollupError(
    "STATE_MOVES",
    `Cannot look at the state of the past: after block ${latestBlock} it goes on all the time`,
    { details: { latestBlock }, mend: "Ask again when fewer blocks are being made." },
  );
}

async function loadTree(
  kv: Deno.Kv,
  hash: TreeHash,
  latestBlock: bigint | undefined,
): Promise<{ tree: StateTree; replayed: BlockDiffs[] }> {
  if (latestBlock === undefined) return { tree: openStateTree(hash, []), replayed: [] };
  const checkpoint = await readRow(kv, CHECKPOINTS, [STATE_CHECKPOINT]);
  const flushedLeafCount = checkpoint === undefined
    ? 2n
    : (await readBlockSummary(kv, checkpoint))?.leafCount ?? 2n;
  const leaves: { key: Uint8Array; value: Uint8Array }[] = [];
  for await (const { key, value } of listRows(kv, LEAVES, { until: [flushedLeafCount] })) {
    if (value.length !== LEAF_BYTES) {
      throw damagedState(
        `leaf ${String(key[1])} has ${value.length} bytes instead of ${LEAF_BYTES}`,
      );
    }
    leaves.push({ key: value.slice(0, 32), value: value.slice(32) });
  }
  const positions = new Map<string, number>();
  const replayed: BlockDiffs[] = [];
  const firstReplayed = checkpoint === undefined ? 0n : checkpoint + 1n;
  if (firstReplayed <= latestBlock) {
    for (const [index, leaf] of leaves.entries()) positions.set(leaf.key.toHex(), index);
  }
  for (let number = firstReplayed; number <= latestBlock; number++) {
    const diffs = await readDiffs(kv, number);
    for (const diff of diffs) {
      const key = flatKey(diff);
      const value = hexToBytes(diff.newValue);
      const position = positions.get(key.toHex());
      if (position === undefined) {
        positions.set(key.toHex(), leaves.length);
        leaves.push({ key, value });
      } else leaves[position] = { key, value };
    }
    replayed.push({ blockNumber: number, diffs });
  }
  const tree = openStateTree(hash, leaves);
  await checkRoot(kv, tree, latestBlock);
  return { tree, replayed };
}

async function checkRoot(kv: Deno.Kv, tree: StateTree, latestBlock: bigint): Promise<void> {
  const { header } = await requireBlockSummary(kv, latestBlock);
  if (equalBytes(tree.root(), hexToBytes(header.stateRoot))) return;
  throw damagedState(
    `its leaves give root ${bytesToHash32(tree.root())}, ` +
      `and the header of block ${latestBlock} names ${header.stateRoot}`,
  );
}

function damagedState(reason: string): RollupError<StoreErrorCode> {
  return new RollupError("STORE_ROW_CORRUPT", `Cannot open the state on disk: ${reason}`, {
    details: { reason },
    mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
  });
}
