/**
 * The hash of the state tree behind one interface.
 *
 * Owns what a tree needs of its hash, and the one implementation: Poseidon2 over KoalaBear. Does not
 * own the permutation (`core/crypto/poseidon2`) or the shape of the tree.
 *
 * The rules of the Poseidon2 tree, `compress` being the 2-to-1 compression of two digests:
 * - inner node = `compress(left, right)`;
 * - leaf = `compress(compress(compress(compress(head, key[0..16]), key[16..32]), value[0..16]),
 *   value[16..32])`, where 16 bytes stand for eight big-endian 16-bit words and the head is the eight
 *   words `[LEAF_TAG, next >> 16, next & 0xffff, 0, 0, 0, 0, 0]`, `next` being the next index;
 * - empty leaf = eight zero words, which no known input hashes to.
 *
 * A leaf can be read as an inner node only by whoever finds an input that hashes to a head, so the tag
 * keeps the two apart; all leaves have one length, so the chain needs no padding.
 * @module
 */
import {
  createPoseidon2,
  DIGEST_BYTES,
  DIGEST_WORDS,
  digestFromBytes,
  digestToBytes,
} from "../crypto/poseidon2/poseidon2.ts";
import { KEY_BYTES } from "./leaf.ts";

/** Leaves as columns; row `r` has the same place in each. */
export interface LeafColumns {
  /** 32 bytes a row. */
  readonly keys: Uint8Array;
  /** 32 bytes a row. */
  readonly values: Uint8Array;
  /** The next index of each row. */
  readonly nexts: Uint32Array;
}

/** A hash for trees; digests are {@linkcode DIGEST_WORDS} words in memory and 32 bytes outside. */
export interface TreeHash {
  /** Names the hash and its rules; part of what a verification key commits to. */
  readonly id: string;
  /** The digests of the first `count` leaves. */
  hashLeaves(leaves: LeafColumns, count: number, digests: Uint32Array): void;
  /** The digests of the first `count` pairs of digests. */
  hashPairs(pairs: Uint32Array, count: number, digests: Uint32Array): void;
  /** The 32 bytes of the digest at `offset`. */
  digestToBytes(words: Uint32Array, offset?: number): Uint8Array;
  /** The digest that 32 bytes write; `undefined` when they are not in canonical form. */
  digestFromBytes(bytes: Uint8Array): Uint32Array | undefined;
}

/** "leaf" in ASCII, as a word of the field: sets leaves apart from inner nodes. */
export const LEAF_TAG = 0x6c656166;

/** A leaf is four blocks of 16 bytes: two of the key, two of the value. */
const LEAF_BLOCK_COUNT = 4;
const LEAF_ROW_BYTES = DIGEST_BYTES + 16 * LEAF_BLOCK_COUNT;
/** Leaves that are laid out at once; bounds the scratch memory. */
const LEAF_CHUNK = 1024;

/**
 * The hash of the state tree: Poseidon2 over KoalaBear, width 16.
 *
 * @example The digest of two empty leaves
 * ```ts
 * import { createPoseidon2TreeHash } from "./tree_hash.ts";
 *
 * const hash = createPoseidon2TreeHash();
 * const parent = new Uint32Array(8);
 * hash.hashPairs(new Uint32Array(16), 1, parent);
 * ```
 */
export function createPoseidon2TreeHash(): TreeHash {
  const poseidon2 = createPoseidon2();
  const rows = new Uint8Array(LEAF_CHUNK * LEAF_ROW_BYTES);
  const words = new DataView(rows.buffer);
  return {
    id: "poseidon2-koalabear-16",
    hashLeaves: ({ keys, values, nexts }, count, digests) => {
      for (let first = 0; first < count; first += LEAF_CHUNK) {
        const size = Math.min(LEAF_CHUNK, count - first);
        for (let row = 0; row < size; row++) {
          const at = row * LEAF_ROW_BYTES;
          const from = (first + row) * KEY_BYTES;
          const next = nexts[first + row] ?? 0;
          words.setUint32(at, LEAF_TAG, true);
          words.setUint32(at + 4, next >>> 16, true);
          words.setUint32(at + 8, next & 0xffff, true);
          rows.set(keys.subarray(from, from + KEY_BYTES), at + DIGEST_BYTES);
          rows.set(values.subarray(from, from + KEY_BYTES), at + DIGEST_BYTES + KEY_BYTES);
        }
        const shape = { count: size, blockCount: LEAF_BLOCK_COUNT };
        poseidon2.compressChains(rows, shape, digests.subarray(first * DIGEST_WORDS));
      }
    },
    hashPairs: poseidon2.compressPairs,
    digestToBytes,
    digestFromBytes,
  };
}

/**
 * The digests of empty subtrees, level after level: words `8 l` to `8 l + 8` are of the one that
 * spans `2^l` leaves, for `l` from 0 to `depth`.
 */
export function hashEmptySubtrees(hash: TreeHash, depth: number): Uint32Array {
  const empties = new Uint32Array(DIGEST_WORDS * (depth + 1));
  const pair = new Uint32Array(2 * DIGEST_WORDS);
  for (let level = 0; level < depth; level++) {
    const empty = empties.subarray(DIGEST_WORDS * level, DIGEST_WORDS * (level + 1));
    pair.set(empty);
    pair.set(empty, DIGEST_WORDS);
    hash.hashPairs(pair, 1, empties.subarray(DIGEST_WORDS * (level + 1)));
  }
  return empties;
}
