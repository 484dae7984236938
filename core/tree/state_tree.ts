/**
 * The full state tree: every leaf and every inner node in memory.
 *
 * Owns creating and rebuilding it, and making proofs and witnesses from it. Does not own storage (a
 * caller stores the updates that writes return, and gives the leaves back to rebuild), nor what keys
 * and values mean.
 * @module
 */
import { DIGEST_WORDS } from "../crypto/poseidon2/poseidon2.ts";
import { assert } from "../primitives/errors.ts";
import {
  FIRST_KEY,
  GUARD_COUNT,
  invalidLeaves,
  KEY_BYTES,
  LAST_KEY,
  type Leaf,
  type LeafUpdate,
  TREE_DEPTH,
  type TreeWrite,
  ZERO_VALUE,
} from "./leaf.ts";
import { createLeafTable, type LeafTable } from "./leaf_table.ts";
import { createDenseNodeStore } from "./node_store.ts";
import { createTreeCore, type LeafPlaces, type TreeCore } from "./tree_core.ts";
import type { TreeHash } from "./tree_hash.ts";
import type { LeafProof, TreeProof } from "./tree_proof.ts";
import { type TreeWitness, witnessNodes } from "./tree_witness.ts";

/** An authenticated map of 32-byte keys to 32-byte values. */
export interface StateTree {
  /** 32 bytes: eight words of the field, each big-endian and less than 2^31 - 2^24 + 1. */
  root(): Uint8Array;
  /** Leaves that exist, the two guards included; also the index of the next new leaf. */
  leafCount(): number;
  /** The value of `key`; `undefined` when it has no leaf. A value of zero reads as absence. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** The index of the leaf of `key`; `undefined` when it has none. */
  indexOf(key: Uint8Array): number | undefined;
  /** The leaf at `index`, which must be below the leaf count. */
  leafAt(index: number): Leaf;
  /**
   * Writes a batch: distinct keys, new ones taking the next free index in the order given. Zero must
   * not be written to a key without a leaf. Answers one update for each write, in the same order.
   */
  applyWrites(writes: readonly TreeWrite[]): LeafUpdate[];
  /** Undoes one batch exactly; batches are undone latest first. */
  revertWrites(updates: readonly LeafUpdate[]): void;
  /** A proof of the value of `key`, or of its absence. */
  prove(key: Uint8Array): TreeProof;
  /** All that it takes to read and write these keys without the tree, and nothing more. */
  multiProof(keys: Iterable<Uint8Array>): TreeWitness;
}

/**
 * A tree with only the guards.
 *
 * @example Write and read
 * ```ts
 * import { createStateTree } from "./state_tree.ts";
 * import { createPoseidon2TreeHash } from "./tree_hash.ts";
 *
 * const tree = createStateTree(createPoseidon2TreeHash());
 * const key = new Uint8Array(32).fill(1);
 * const updates = tree.applyWrites([{ key, value: new Uint8Array(32).fill(2) }]);
 * tree.get(key); // 32 bytes of 2
 * tree.revertWrites(updates);
 * tree.get(key); // undefined
 * ```
 */
export function createStateTree(hash: TreeHash): StateTree {
  return openStateTree(hash, []);
}

/**
 * The tree with these leaves, in order of index from 2 on: the guards are not listed.
 *
 * Sorts and hashes everything in bulk, about 5 hashes a leaf.
 *
 * @throws `TREE_LEAVES_INVALID` when a key repeats, is a guard's, or a field has not 32 bytes.
 */
export function openStateTree(hash: TreeHash, leaves: Iterable<TreeWrite>): StateTree {
  const table = createLeafTable();
  table.append(FIRST_KEY, ZERO_VALUE);
  table.append(LAST_KEY, ZERO_VALUE);
  for (const { key, value } of leaves) {
    if (key.length !== KEY_BYTES || value.length !== KEY_BYTES) {
      throw invalidLeaves(`a field of leaf ${table.rowCount()} has not ${KEY_BYTES} bytes`);
    }
    table.append(key, value);
  }
  linkRows(table);
  const leafCount = table.rowCount();
  const core = createTreeCore({
    hash,
    table,
    places: createDensePlaces(),
    nodes: createDenseNodeStore(),
    leafCount,
  });
  const everyIndex = Uint32Array.from({ length: leafCount }, (_, index) => index);
  core.hashLeaves(everyIndex);
  core.hashPaths(everyIndex);
  return createFullTree(hash, core, table);
}

function createFullTree(hash: TreeHash, core: TreeCore, table: LeafTable): StateTree {
  const digest = new Uint32Array(DIGEST_WORDS);

  const nodeBytes = (level: number, index: number): Uint8Array => {
    core.readNode(level, index, digest, 0);
    return hash.digestToBytes(digest);
  };

  const leafAt = (index: number): Leaf => {
    assert(index >= 0 && index < table.rowCount(), "only leaves of the tree are read");
    const nextIndex = table.next(index);
    return { index, key: table.key(index), value: table.value(index), nextIndex };
  };

  const proveLeaf = (index: number): LeafProof => {
    const siblings = Array.from({ length: TREE_DEPTH }, (_, level) => {
      const path = Math.floor(index / 2 ** level);
      return nodeBytes(level, path % 2 === 0 ? path + 1 : path - 1);
    });
    return { leaf: leafAt(index), siblings };
  };

  return {
    root: core.root,
    leafCount: core.leafCount,
    get: core.get,
    indexOf: (key) => {
      const { row, isPresent } = core.locate(key);
      return isPresent ? row : undefined;
    },
    leafAt,
    applyWrites: core.applyWrites,
    revertWrites: core.revertWrites,
    prove: (key) => {
      const { row, isPresent } = core.locate(key);
      if (isPresent) return { kind: "presence", entry: proveLeaf(row) };
      return { kind: "absence", low: proveLeaf(row), next: proveLeaf(table.next(row)) };
    },
    multiProof: (keys) => {
      const known = new Set<number>();
      for (const key of keys) {
        const { row, isPresent } = core.locate(key);
        known.add(row);
        if (!isPresent) known.add(table.next(row));
      }
      const indices = [...Uint32Array.from(known).sort()];
      const leafCount = core.leafCount();
      return {
        leafCount,
        leaves: indices.map(leafAt),
        siblings: witnessNodes(indices, leafCount).map(({ level, index }) =>
          nodeBytes(level, index)
        ),
      };
    },
  };
}

/** Sets the next index of every row from the order of keys. */
function linkRows(table: LeafTable): void {
  const order = table.sort();
  const { keys } = table.columns();
  order.forEach((row, at) => {
    const nextRow = order[at + 1] ?? row;
    const key = keys.subarray(nextRow * KEY_BYTES, (nextRow + 1) * KEY_BYTES);
    if (nextRow !== row && table.compareKey(row, key) === 0) {
      throw invalidLeaves(`leaves ${row} and ${nextRow} have the same key`);
    }
    table.setNext(row, nextRow);
  });
  assert(table.next(GUARD_COUNT - 1) === GUARD_COUNT - 1, "the last guard is its own next");
}

/** In a full tree, leaf `i` is row `i`. */
function createDensePlaces(): LeafPlaces {
  return {
    rowOf: (index) => index,
    indexOf: (row) => row,
    place: (index, row) => assert(index === row, "a full tree has a row for each leaf"),
    onUse: () => {},
    refuse: () => {
      assert(false, "the guards enclose every key, so that a full tree always finds it");
    },
  };
}
