/**
 * The root of a Merkle-Patricia trie over a list, keyed by RLP of the position: how a block commits
 * to its transactions and receipts (Yellow Paper, section 4.3.2).
 *
 * Owns that one root. Does not own a mutable trie; L1's state uses a library for it.
 * @module
 */
import { allocateBytes, EMPTY_BYTES } from "../primitives/bytes.ts";
import { bytesToHash32, type Hash32 } from "../primitives/hex.ts";
import { encodeRlp, type RlpItem, uintToRlp } from "../primitives/rlp.ts";
import { keccak256Bytes } from "./keccak.ts";

interface Entry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Some neighbours of the list that is sorted by key. */
interface Range {
  readonly start: number;
  /** Behind the last one. */
  readonly end: number;
}

/** The first position whose key is longer than one byte: below it all but 0 stand for themselves. */
const FIRST_LONG_KEY = 0x80;

/** The trie root over `items`, each an opaque byte string. */
export function orderedTrieRoot(items: readonly Uint8Array[]): Hash32 {
  const entries = items.map((value, position): Entry => ({
    key: encodeRlp(uintToRlp(BigInt(position))),
    value,
  }));
  // Positions are in the order of their keys, but for 0, whose key is that of an empty string.
  const [zeroth, ...others] = entries;
  const sorted = zeroth === undefined ? [] : others.toSpliced(FIRST_LONG_KEY - 1, 0, zeroth);
  const root = buildNode(sorted, { start: 0, end: sorted.length }, 0);
  return bytesToHash32(keccak256Bytes(encodeRlp(root)));
}

/** The node over the entries of `range`, which all share their first `depth` nibbles. */
function buildNode(sorted: readonly Entry[], range: Range, depth: number): RlpItem {
  const first = sorted[range.start];
  const last = sorted[range.end - 1];
  if (first === undefined || last === undefined) return EMPTY_BYTES;
  if (first === last) return [hexPrefix(first.key, depth, 2 * first.key.length), first.value];
  let fork = depth;
  while (nibbleAt(first.key, fork) === nibbleAt(last.key, fork)) fork++;
  if (fork > depth) {
    return [hexPrefix(first.key, depth, fork), reference(buildNode(sorted, range, fork))];
  }
  const children: RlpItem[] = [];
  let { start } = range;
  for (let nibble = 0; nibble < 16; nibble++) {
    let end = start;
    while (end < range.end && nibbleAt(sorted[end]?.key, depth) === nibble) end++;
    const isEmpty = end === start;
    children.push(isEmpty ? EMPTY_BYTES : reference(buildNode(sorted, { start, end }, depth + 1)));
    start = end;
  }
  // No key is the beginning of another, as RLP tells its own length: a branch has no value.
  return [...children, EMPTY_BYTES];
}

/** Nodes shorter than a hash stand in their parent themselves. */
function reference(node: RlpItem): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < 32 ? node : keccak256Bytes(encoded);
}

function nibbleAt(key: Uint8Array | undefined, index: number): number {
  const byte = key?.[index >> 1] ?? 0;
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}

/**
 * Yellow Paper, appendix C: the nibbles from `start` to `end`, packed with the leaf flag and parity
 * in the first one. A path to the key's end is a leaf's.
 */
function hexPrefix(key: Uint8Array, start: number, end: number): Uint8Array {
  const flag = end === 2 * key.length ? 2 : 0;
  const odd = (end - start) % 2;
  const packed = allocateBytes(1 + (end - start - odd) / 2);
  packed[0] = ((flag + odd) << 4) | (odd === 1 ? nibbleAt(key, start) : 0);
  for (let index = 1; index < packed.length; index++) {
    const nibble = start + odd + 2 * (index - 1);
    packed[index] = (nibbleAt(key, nibble) << 4) | nibbleAt(key, nibble + 1);
  }
  return packed;
}
