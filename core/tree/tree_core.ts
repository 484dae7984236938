/**
 * The one algorithm of full and partial trees: find, write in batches, undo, hash the way up.
 *
 * Owns the linking rule, the order in which new leaves get their index, and which nodes are hashed
 * when. Does not own where leaves and nodes are kept, nor proofs.
 *
 * A batch costs one bulk hash call for its leaves and one for each level, each dirty node once.
 * @module
 */
import { DIGEST_WORDS } from "../crypto/poseidon2/poseidon2.ts";
import { copyBytes, equalBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import {
  FIRST_KEY,
  isZero,
  KEY_BYTES,
  LAST_KEY,
  type LeafUpdate,
  MAX_LEAF_COUNT,
  TREE_DEPTH,
  type TreeWrite,
  ZERO_VALUE,
} from "./leaf.ts";
import type { LeafTable } from "./leaf_table.ts";
import type { NodeStore } from "./node_store.ts";
import { hashEmptySubtrees, type TreeHash } from "./tree_hash.ts";

/** Which leaves are known, and in which row of the table. */
export interface LeafPlaces {
  /** The row of the leaf at `index`; -1 when it is not known. */
  rowOf(index: number): number;
  /** The index of the leaf in `row`. */
  indexOf(row: number): number;
  /** Says that the leaf at `index` is now in `row`, which is the last one. */
  place(index: number, row: number): void;
  /** Hears of each leaf that a search has relied on. */
  onUse(row: number): void;
  /** Ends a search for a key that the known leaves say nothing about. */
  refuse(key: Uint8Array): never;
}

/** Where the core keeps things. */
export interface TreeParts {
  readonly hash: TreeHash;
  readonly table: LeafTable;
  readonly places: LeafPlaces;
  readonly nodes: NodeStore;
  readonly leafCount: number;
}

/** What a search found: the leaf of the key, or the one just before it when it has none. */
export interface Location {
  readonly row: number;
  readonly isPresent: boolean;
}

/** Reading and writing, whatever the parts. */
export interface TreeCore {
  root(): Uint8Array;
  leafCount(): number;
  locate(key: Uint8Array): Location;
  get(key: Uint8Array): Uint8Array | undefined;
  applyWrites(writes: readonly TreeWrite[]): LeafUpdate[];
  revertWrites(updates: readonly LeafUpdate[]): void;
  /** Hashes these leaves, which must be known and ascending. */
  hashLeaves(indices: Uint32Array): void;
  /** Hashes every node above these leaves, which must be ascending. */
  hashPaths(indices: Uint32Array): void;
  /** Copies the digest of a node of the tree, an empty one included. */
  readNode(level: number, index: number, target: Uint32Array, offset: number): void;
}

/** A core over the given parts; inner nodes are as the caller has hashed them. */
export function createTreeCore(parts: TreeParts): TreeCore {
  const { hash, table, places, nodes } = parts;
  const empties = hashEmptySubtrees(hash, TREE_DEPTH);
  const rootDigest = new Uint32Array(DIGEST_WORDS);
  const scratch = createScratch();
  let leafCount = parts.leafCount;

  const readNode: TreeCore["readNode"] = (level, index, target, offset) => {
    if (index < nodeCount(leafCount, level)) return nodes.read(level, index, target, offset);
    const start = level * DIGEST_WORDS;
    for (let word = 0; word < DIGEST_WORDS; word++) {
      target[offset + word] = empties[start + word] ?? 0;
    }
  };

  const locate = (key: Uint8Array): Location => {
    assert(key.length === KEY_BYTES, "a key has 32 bytes");
    const row = table.findAtOrBefore(key);
    if (row < 0) places.refuse(key);
    const isPresent = table.compareKey(row, key) === 0;
    if (!isPresent) {
      const nextRow = places.rowOf(table.next(row));
      if (nextRow < 0) places.refuse(key);
      assert(table.compareKey(nextRow, key) > 0, "known leaves are linked in ascending order");
      places.onUse(nextRow);
    }
    places.onUse(row);
    return { row, isPresent };
  };

  const hashLeaves = (indices: Uint32Array): void => {
    const { leaves, digests } = scratch(indices.length);
    indices.forEach((index, at) => table.copyRow(places.rowOf(index), leaves, at));
    hash.hashLeaves(leaves, indices.length, digests);
    indices.forEach((index, at) => nodes.write(0, index, digests, at * DIGEST_WORDS));
  };

  const hashPaths = (indices: Uint32Array): void => {
    const { pairs, digests } = scratch(indices.length);
    const path = indices.slice();
    let size = path.length;
    for (let level = 0; level < TREE_DEPTH; level++) {
      size = halveInPlace(path, size);
      for (let at = 0; at < size; at++) {
        const left = 2 * (path[at] ?? 0);
        readNode(level, left, pairs, 2 * at * DIGEST_WORDS);
        readNode(level, left + 1, pairs, (2 * at + 1) * DIGEST_WORDS);
      }
      hash.hashPairs(pairs, size, digests);
      for (let at = 0; at < size; at++) {
        nodes.write(level + 1, path[at] ?? 0, digests, at * DIGEST_WORDS);
      }
    }
  };

  const rehash = (dirty: readonly number[]): void => {
    const indices = sortUnique(dirty);
    hashLeaves(indices);
    hashPaths(indices);
  };

  /** Refuses the whole batch before its first change. */
  const checkWrites = (writes: readonly TreeWrite[]): void => {
    const keys = new Set(writes.map(({ key }) => key.toHex()));
    assert(keys.size === writes.length, "a batch writes a key once");
    for (const { key, value } of writes) {
      assert(value.length === KEY_BYTES, "a value has 32 bytes");
      const { row, isPresent } = locate(key);
      assert(isPresent || !isZero(value), "the caller drops writes that change nothing");
      assert(
        !isPresent || (table.compareKey(row, FIRST_KEY) !== 0 &&
          table.compareKey(row, LAST_KEY) !== 0),
        "the guards are never written",
      );
    }
  };

  const applyWrites = (writes: readonly TreeWrite[]): LeafUpdate[] => {
    checkWrites(writes);
    const dirty: number[] = [];
    const updates = writes.map(({ key, value }): LeafUpdate => {
      const row = table.findAtOrBefore(key);
      const isNew = table.compareKey(row, key) !== 0;
      const index = isNew ? leafCount : places.indexOf(row);
      dirty.push(index);
      const update = { index, key: copyBytes(key), value: copyBytes(value), isNew };
      if (!isNew) {
        const oldValue = table.value(row);
        table.setValue(row, value);
        return { ...update, oldValue };
      }
      assert(leafCount < MAX_LEAF_COUNT - 1, "a 32-bit index names every leaf");
      dirty.push(places.indexOf(row));
      places.place(index, table.push(key, value, table.next(row)));
      table.setNext(row, index);
      leafCount++;
      return { ...update, oldValue: copyBytes(ZERO_VALUE) };
    });
    if (dirty.length > 0) rehash(dirty);
    return updates;
  };

  const revertWrites = (updates: readonly LeafUpdate[]): void => {
    const dirty: number[] = [];
    for (const { index, key, value, oldValue, isNew } of updates.toReversed()) {
      const row = places.rowOf(index);
      assert(
        index < leafCount && table.compareKey(row, key) === 0 &&
          equalBytes(table.value(row), value),
        "writes are undone latest first",
      );
      if (!isNew) {
        table.setValue(row, oldValue);
        dirty.push(index);
        continue;
      }
      assert(index === leafCount - 1, "new leaves are removed from the end");
      const before = table.findBefore(key);
      table.setNext(before, table.next(row));
      table.pop();
      leafCount--;
      dirty.push(places.indexOf(before));
      // The last leaf's path has lost a right sibling somewhere.
      dirty.push(leafCount - 1);
    }
    const kept = dirty.filter((index) => index < leafCount);
    if (kept.length > 0) rehash(kept);
  };

  return {
    root: () => {
      nodes.read(TREE_DEPTH, 0, rootDigest, 0);
      return hash.digestToBytes(rootDigest);
    },
    leafCount: () => leafCount,
    locate,
    get: (key) => {
      const { row, isPresent } = locate(key);
      return isPresent ? table.value(row) : undefined;
    },
    applyWrites,
    revertWrites,
    hashLeaves,
    hashPaths,
    readNode,
  };
}

/** How many nodes of a level span at least one leaf. */
export function nodeCount(leafCount: number, level: number): number {
  return Math.ceil(leafCount / 2 ** level);
}

/** Replaces ascending indices by those of their parents, each once; gives how many there are. */
export function halveInPlace(indices: Uint32Array, size: number): number {
  let count = 0;
  for (let at = 0; at < size; at++) {
    const parent = (indices[at] ?? 0) >>> 1;
    if (count > 0 && indices[count - 1] === parent) continue;
    indices[count++] = parent;
  }
  return count;
}

function sortUnique(indices: readonly number[]): Uint32Array {
  const sorted = Uint32Array.from(indices).sort();
  let count = 0;
  for (let at = 0; at < sorted.length; at++) {
    const index = sorted[at] ?? 0;
    if (count > 0 && sorted[count - 1] === index) continue;
    sorted[count++] = index;
  }
  return sorted.subarray(0, count);
}

interface Scratch {
  readonly leaves: { keys: Uint8Array; values: Uint8Array; nexts: Uint32Array };
  readonly pairs: Uint32Array;
  readonly digests: Uint32Array;
}

/** Buffers for `size` hashes, kept between batches and grown when a batch needs more. */
function createScratch(): (size: number) => Scratch {
  let capacity = 0;
  let scratch: Scratch | undefined;
  return (size) => {
    if (scratch === undefined || size > capacity) {
      capacity = Math.max(64, 2 * capacity, size);
      scratch = {
        leaves: {
          keys: new Uint8Array(capacity * KEY_BYTES),
          values: new Uint8Array(capacity * KEY_BYTES),
          nexts: new Uint32Array(capacity),
        },
        pairs: new Uint32Array(2 * capacity * DIGEST_WORDS),
        digests: new Uint32Array(capacity * DIGEST_WORDS),
      };
    }
    return scratch;
  };
}
