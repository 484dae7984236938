/**
 * A state tree that knows only what a witness holds, and acts on it exactly as the full tree would.
 *
 * Owns opening a witness against a root. Does not own the algorithm (`tree_core.ts`). A prover uses
 * it to run a batch without the node's database.
 * @module
 */
import { compareBytes, equalBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { LAST_KEY, type Leaf, type LeafUpdate, type TreeWrite } from "./leaf.ts";
import { createLeafTable, type LeafTable } from "./leaf_table.ts";
import { createSparseNodeStore } from "./node_store.ts";
import { createTreeCore, type LeafPlaces } from "./tree_core.ts";
import type { TreeHash } from "./tree_hash.ts";
import {
  assertWitnessShape,
  malformedWitness,
  tiedIndices,
  type TreeWitness,
  type WitnessErrorCode,
  witnessNodes,
} from "./tree_witness.ts";

/** Some leaves of a state tree, good for reading and writing the keys that they are about. */
export interface PartialTree {
  /** 32 bytes. */
  root(): Uint8Array;
  /** Leaves of the full tree, those that this one has added included. */
  leafCount(): number;
  /**
   * The value of `key`; `undefined` when the tree provably has no leaf for it.
   *
   * @throws `WITNESS_ENTRY_MISSING` when the witness says nothing about the key.
   */
  get(key: Uint8Array): Uint8Array | undefined;
  /**
   * Writes as the full tree does, with the same updates and root. Nothing changes when it throws.
   *
   * @throws `WITNESS_ENTRY_MISSING` when the witness says nothing about a key.
   */
  applyWrites(writes: readonly TreeWrite[]): LeafUpdate[];
  /** Leaves of the witness that no read and no write has needed so far, ascending by index. */
  unusedEntries(): Leaf[];
}

/**
 * The tree that `witness` shows of the state with root `expectedRoot` (32 bytes).
 *
 * @throws `WITNESS_MALFORMED` when counts, order, sizes or digests are not canonical;
 * `WITNESS_ROOT_MISMATCH` when it is about another state.
 */
export function openPartialTree(
  hash: TreeHash,
  witness: TreeWitness,
  expectedRoot: Uint8Array,
): PartialTree {
  assertWitnessShape(witness);
  const { leafCount, leaves } = witness;
  const table = createLeafTable();
  for (const leaf of leaves) pushLeaf(table, leaf);
  assertAscendingLinks(leaves);
  const usedRows = new Set<number>();
  const core = createTreeCore({
    hash,
    table,
    places: createSparsePlaces(leaves, usedRows),
    nodes: createSparseNodes(hash, witness),
    leafCount,
  });
  core.hashLeaves(Uint32Array.from(leaves, ({ index }) => index));
  core.hashPaths(tiedIndices(leaves.map(({ index }) => index), leafCount));
  assertRoot(core.root(), expectedRoot);
  return {
    root: core.root,
    leafCount: core.leafCount,
    get: core.get,
    applyWrites: core.applyWrites,
    // The first rows of the table are the leaves of the witness, in its order.
    unusedEntries: () => leaves.filter((_, row) => !usedRows.has(row)),
  };
}

function pushLeaf(table: LeafTable, { index, key, value, nextIndex }: Leaf): void {
  const before = table.findAtOrBefore(key);
  if (before >= 0 && table.compareKey(before, key) === 0) {
    throw malformedWitness(`leaf ${index} repeats the key of another`);
  }
  table.push(key, value, nextIndex);
}

/**
 * A root may be of a tree that nobody built by the rules: links that go back or in a circle would
 * prove absence where there is a leaf.
 */
function assertAscendingLinks(leaves: readonly Leaf[]): void {
  const keysByIndex = new Map(leaves.map(({ index, key }) => [index, key]));
  for (const { index, key, nextIndex } of leaves) {
    const next = keysByIndex.get(nextIndex);
    // The last guard has nowhere to go: its link is its own index.
    if (next === undefined || equalBytes(key, LAST_KEY) || compareBytes(key, next) < 0) continue;
    throw malformedWitness(`leaf ${index} is linked to leaf ${nextIndex}, which is not after it`);
  }
}

function createSparsePlaces(leaves: readonly Leaf[], usedRows: Set<number>): LeafPlaces {
  const rowsByIndex = new Map(leaves.map(({ index }, row) => [index, row]));
  const indicesByRow = leaves.map(({ index }) => index);
  return {
    rowOf: (index) => rowsByIndex.get(index) ?? -1,
    indexOf: (row) => indicesByRow[row] ?? -1,
    place: (index, row) => {
      rowsByIndex.set(index, row);
      indicesByRow[row] = index;
    },
    onUse: (row) => void usedRows.add(row),
    refuse: (key) => {
      throw missingEntry(key);
    },
  };
}

function createSparseNodes(hash: TreeHash, { leafCount, leaves, siblings }: TreeWitness) {
  const nodes = createSparseNodeStore();
  const places = witnessNodes(leaves.map(({ index }) => index), leafCount);
  places.forEach(({ level, index }, at) => {
    const digest = hash.digestFromBytes(siblings[at] ?? new Uint8Array(0));
    if (digest === undefined) throw malformedWitness(`digest ${at} is not in canonical form`);
    if (level === 0 && digest.every((word) => word === 0)) {
      throw malformedWitness(`leaf ${index} is empty where the tree has ${leafCount} leaves`);
    }
    nodes.write(level, index, digest, 0);
  });
  return nodes;
}

function assertRoot(root: Uint8Array, expectedRoot: Uint8Array): void {
  if (equalBytes(root, expectedRoot)) return;
  const [shown, wanted] = [root.toHex(), expectedRoot.toHex()];
  throw new RollupError<WitnessErrorCode>(
    "WITNESS_ROOT_MISMATCH",
    `Cannot open a tree witness of root 0x${wanted}: it gives root 0x${shown}`,
    {
      details: { root: `0x${shown}`, expectedRoot: `0x${wanted}` },
      mend: "Use a witness that was made from the state before the batch.",
    },
  );
}

function missingEntry(key: Uint8Array): RollupError<WitnessErrorCode> {
  const shown = `0x${key.toHex()}`;
  return new RollupError(
    "WITNESS_ENTRY_MISSING",
    `Cannot reach key ${shown} in a partial tree: its witness has no leaf for it`,
    { details: { key: shown }, mend: "Make the witness again with this key among its keys." },
  );
}
