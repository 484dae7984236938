/**
 * What a prover is given of a state tree: some leaves, and the nodes that tie them to the root.
 *
 * Owns the shape of a witness, which nodes it holds and in which order, and its bytes. Does not own
 * opening it (`partial_tree.ts`) or making it (`state_tree.ts`).
 *
 * A witness holds, in this order and nothing else:
 * 1. the leaf count;
 * 2. the known leaves, ascending by index: of each key, its leaf, or else the leaf just before it and
 *    the one after that;
 * 3. the digest of the last leaf, unless that leaf is itself known;
 * 4. by level from the leaves up, then by index: each node that is not above a known or last leaf,
 *    is not empty, and whose sibling is above one.
 *
 * The last leaf is always tied in, for two reasons. It proves the leaf count: a digest other than
 * zero stands at the last index, and every node to its right is taken to be empty and never given, so
 * a count that is too great or too small gives another root. And its path is the right edge of the
 * tree, which is all that appending needs.
 * @module
 */
import { DIGEST_BYTES } from "../crypto/poseidon2/poseidon2.ts";
import { allocateBytes, ByteReader, concatBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { GUARD_COUNT, KEY_BYTES, type Leaf, MAX_LEAF_COUNT, TREE_DEPTH } from "./leaf.ts";
import { halveInPlace, nodeCount } from "./tree_core.ts";

/** Leaves and nodes that suffice to read and write some keys; the module says which and why. */
export interface TreeWitness {
  /** Leaves of the full tree. */
  readonly leafCount: number;
  /** The known leaves, ascending by index. */
  readonly leaves: readonly Leaf[];
  /** Digests of 32 bytes, in the order of {@linkcode witnessNodes}. */
  readonly siblings: readonly Uint8Array[];
}

/** Codes that witnesses throw. */
export type WitnessErrorCode =
  | "WITNESS_MALFORMED"
  | "WITNESS_ROOT_MISMATCH"
  | "WITNESS_ENTRY_MISSING";

/** A node by place. */
export interface NodePlace {
  readonly level: number;
  readonly index: number;
}

const COUNT_BYTES = 4;
const LEAF_ENTRY_BYTES = 4 + KEY_BYTES + KEY_BYTES + 4;

/** The leaves whose paths a witness ties to the root: the known ones and the last one, ascending. */
export function tiedIndices(leafIndices: readonly number[], leafCount: number): Uint32Array {
  const last = leafCount - 1;
  return Uint32Array.from(leafIndices.at(-1) === last ? leafIndices : [...leafIndices, last]);
}

/** The nodes that a witness with these known leaves holds, in its order. */
export function witnessNodes(leafIndices: readonly number[], leafCount: number): NodePlace[] {
  const path = tiedIndices(leafIndices, leafCount);
  const places: NodePlace[] = [];
  if (path.length > leafIndices.length) places.push({ level: 0, index: leafCount - 1 });
  let size = path.length;
  for (let level = 0; level < TREE_DEPTH; level++) {
    const count = nodeCount(leafCount, level);
    for (let at = 0; at < size; at++) {
      const index = path[at] ?? 0;
      const isLeft = index % 2 === 0;
      const sibling = isLeft ? index + 1 : index - 1;
      const isOnPath = (isLeft ? at + 1 < size && path[at + 1] === sibling : false) ||
        (!isLeft && at > 0 && path[at - 1] === sibling);
      if (!isOnPath && sibling < count) places.push({ level, index: sibling });
    }
    size = halveInPlace(path, size);
  }
  return places;
}

/**
 * The canonical bytes: leaf count and number of leaves (4 bytes each), each leaf as index (4), key
 * (32), value (32) and next index (4), then the digests. Integers are big-endian. The number of
 * digests follows from the leaves.
 */
export function encodeTreeWitness(witness: TreeWitness): Uint8Array {
  const leaves = witness.leaves.map(({ index, key, value, nextIndex }) =>
    concatBytes(uint32ToBytes(index), key, value, uint32ToBytes(nextIndex))
  );
  return concatBytes(
    uint32ToBytes(witness.leafCount),
    uint32ToBytes(witness.leaves.length),
    ...leaves,
    ...witness.siblings,
  );
}

/**
 * The witness that `bytes` hold; each witness has exactly one byte string.
 *
 * @throws `WITNESS_MALFORMED` when they hold none.
 */
export function decodeTreeWitness(bytes: Uint8Array): TreeWitness {
  const reader = new ByteReader(bytes);
  if (reader.remainingBytes() < 2 * COUNT_BYTES) throw malformedWitness("it ends in its counts");
  const leafCount = reader.takeLength(COUNT_BYTES);
  const knownCount = reader.takeLength(COUNT_BYTES);
  if (reader.remainingBytes() < knownCount * LEAF_ENTRY_BYTES) {
    throw malformedWitness("it ends in its leaves");
  }
  const leaves: Leaf[] = [];
  for (let at = 0; at < knownCount; at++) {
    leaves.push({
      index: reader.takeLength(4),
      key: reader.take(KEY_BYTES),
      value: reader.take(KEY_BYTES),
      nextIndex: reader.takeLength(4),
    });
  }
  if (reader.remainingBytes() % DIGEST_BYTES !== 0) {
    throw malformedWitness("it ends in a digest");
  }
  const siblings: Uint8Array[] = [];
  while (reader.remainingBytes() > 0) siblings.push(reader.take(DIGEST_BYTES));
  const witness = { leafCount, leaves, siblings };
  assertWitnessShape(witness);
  return witness;
}

/**
 * Refuses a witness whose counts, order or sizes are wrong; says nothing about its root.
 *
 * @throws `WITNESS_MALFORMED`
 */
export function assertWitnessShape({ leafCount, leaves, siblings }: TreeWitness): void {
  if (!isIndexBelow(leafCount, MAX_LEAF_COUNT) || leafCount < GUARD_COUNT) {
    throw malformedWitness(`a tree cannot have ${leafCount} leaves`);
  }
  let previous = -1;
  for (const { index, key, value, nextIndex } of leaves) {
    if (!isIndexBelow(index, leafCount) || !isIndexBelow(nextIndex, leafCount)) {
      throw malformedWitness(`leaf ${index} or its next ${nextIndex} is not below ${leafCount}`);
    }
    if (index <= previous) throw malformedWitness(`leaf ${index} follows leaf ${previous}`);
    if (key.length !== KEY_BYTES || value.length !== KEY_BYTES) {
      throw malformedWitness(`the key or the value of leaf ${index} has not 32 bytes`);
    }
    previous = index;
  }
  const places = witnessNodes(leaves.map(({ index }) => index), leafCount);
  if (siblings.length !== places.length) {
    throw malformedWitness(`it has ${siblings.length} digests where ${places.length} are needed`);
  }
}

/** Refuses a witness for its shape. */
export function malformedWitness(reason: string): RollupError<WitnessErrorCode> {
  return new RollupError("WITNESS_MALFORMED", `Cannot read a tree witness: ${reason}`, {
    details: { reason },
    mend: "Make the witness again from the node that holds the state.",
  });
}

function isIndexBelow(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}

function uint32ToBytes(value: number): Uint8Array {
  const bytes = allocateBytes(4);
  for (let at = 0; at < 4; at++) bytes[at] = value >>> (24 - 8 * at);
  return bytes;
}
