/**
 * What a leaf of the state tree is.
 *
 * Owns the row, the two guards, and the sizes. Does not own hashing or where leaves are kept.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";

/** Bytes of a key, and of a value. */
export const KEY_BYTES = 32;
/** Levels between a leaf and the root. */
export const TREE_DEPTH = 32;
/** Leaves of a tree that nobody has written to: the two guards. */
export const GUARD_COUNT = 2;
/** One more than the greatest leaf count that a 32-bit index can name. */
export const MAX_LEAF_COUNT = 2 ** 32;

/** The key of leaf 0, before every other. */
export const FIRST_KEY: Uint8Array = new Uint8Array(KEY_BYTES);
/** The key of leaf 1, after every other; its next index is its own. */
export const LAST_KEY: Uint8Array = new Uint8Array(KEY_BYTES).fill(0xff);
/** The value of the guards, and what an absent key reads as. */
export const ZERO_VALUE: Uint8Array = new Uint8Array(KEY_BYTES);

/** A leaf with its place: keys are linked in ascending (big-endian) order through `nextIndex`. */
export interface Leaf {
  /** Position in the tree, in order of first write; never changes. */
  readonly index: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 32 bytes; zero reads as absence. */
  readonly value: Uint8Array;
  /** The index of the leaf with the next greater key. */
  readonly nextIndex: number;
}

/** One write of a batch. */
export interface TreeWrite {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 32 bytes. */
  readonly value: Uint8Array;
}

/**
 * What one write did to its leaf. Changes of next indices are not listed: they follow from the order
 * of keys.
 */
export interface LeafUpdate {
  /** Position of the leaf in the tree. */
  readonly index: number;
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** What was written. */
  readonly value: Uint8Array;
  /** Zero for a new leaf. */
  readonly oldValue: Uint8Array;
  /** Whether the write made the leaf. */
  readonly isNew: boolean;
}

/** Codes that opening a tree and checking a proof throw. */
export type TreeErrorCode = "TREE_LEAVES_INVALID" | "PROOF_INVALID";

/** Whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Refuses stored leaves that no tree could have written. */
export function invalidLeaves(reason: string): RollupError<TreeErrorCode> {
  return new RollupError("TREE_LEAVES_INVALID", `Cannot open a tree from its leaves: ${reason}`, {
    details: { reason },
    mend: "Restore the stored leaves from a checkpoint, or rebuild the state from its batches.",
  });
}
