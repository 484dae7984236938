/**
 * Digests of tree nodes by level and index, level 0 being the leaves.
 *
 * Owns the two ways to keep them: all of them in arrays, or a few in maps. Does not own when a node
 * is stale; whoever writes leaves hashes the way up.
 * @module
 */
import { DIGEST_WORDS } from "../crypto/poseidon2/poseidon2.ts";
import { assert } from "../primitives/errors.ts";
import { TREE_DEPTH } from "./leaf.ts";

/** Nodes that are kept; reading one that is not is a defect. */
export interface NodeStore {
  /** Copies the digest of a node to `target` at `offset`. */
  read(level: number, index: number, target: Uint32Array, offset: number): void;
  /** Keeps the digest that stands in `source` at `offset`. */
  write(level: number, index: number, source: Uint32Array, offset: number): void;
}

/** For full trees: every level is an array from index 0 on, twice as long whenever it is full. */
export function createDenseNodeStore(): NodeStore {
  const levels = Array.from({ length: TREE_DEPTH + 1 }, () => new Uint32Array(2 * DIGEST_WORDS));
  return {
    read: (level, index, target, offset) => {
      const nodes = levels[level];
      const start = index * DIGEST_WORDS;
      assert(nodes !== undefined && start < nodes.length, "only nodes of the tree are read");
      for (let word = 0; word < DIGEST_WORDS; word++) {
        target[offset + word] = nodes[start + word] ?? 0;
      }
    },
    write: (level, index, source, offset) => {
      let nodes = levels[level];
      const start = index * DIGEST_WORDS;
      assert(nodes !== undefined, "a tree has 33 levels");
      if (start >= nodes.length) {
        const grown = new Uint32Array(Math.max(2 * nodes.length, start + DIGEST_WORDS));
        grown.set(nodes);
        levels[level] = grown;
        nodes = grown;
      }
      for (let word = 0; word < DIGEST_WORDS; word++) {
        nodes[start + word] = source[offset + word] ?? 0;
      }
    },
  };
}

/** For partial trees: only the nodes that were written, one after another, found through maps. */
export function createSparseNodeStore(): NodeStore {
  const slots = Array.from({ length: TREE_DEPTH + 1 }, () => new Map<number, number>());
  let count = 0;
  let nodes = new Uint32Array(64 * DIGEST_WORDS);

  const addSlot = (): number => {
    const slot = count++ * DIGEST_WORDS;
    if (slot === nodes.length) {
      const grown = new Uint32Array(2 * nodes.length);
      grown.set(nodes);
      nodes = grown;
    }
    return slot;
  };

  return {
    read: (level, index, target, offset) => {
      const slot = slots[level]?.get(index);
      assert(slot !== undefined, "known leaves come with every node that their paths need");
      for (let word = 0; word < DIGEST_WORDS; word++) {
        target[offset + word] = nodes[slot + word] ?? 0;
      }
    },
    write: (level, index, source, offset) => {
      let slot = slots[level]?.get(index);
      if (slot === undefined) {
        slot = addSlot();
        slots[level]?.set(index, slot);
      }
      for (let word = 0; word < DIGEST_WORDS; word++) {
        nodes[slot + word] = source[offset + word] ?? 0;
      }
    },
  };
}
