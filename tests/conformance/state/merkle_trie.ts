/**
 * The root of a Merkle-Patricia trie over 32-byte keys (Yellow Paper, appendix D), built at once
 * from all its entries: how Ethereum commits to accounts and to the storage of each.
 *
 * Owns that one root. Does not own hashing keys or encoding values. Tests hold it to a library's.
 * @module
 */
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { assert } from "../../../core/primitives/errors.ts";
import { bytesToHash32, type Hash32, hexToBytes } from "../../../core/primitives/hex.ts";
import { encodeRlp, type RlpItem } from "../../../core/primitives/rlp.ts";

/** A leaf: its key as 64 lower-case hex digits, and its bytes. */
export interface TrieEntry {
  readonly nibbles: string;
  readonly value: Uint8Array;
}

const KEY_NIBBLES = 64;
const NO_NODE = new Uint8Array(0);

/** Root of the trie without entries. */
export const EMPTY_TRIE_ROOT: Hash32 = bytesToHash32(keccak256Bytes(encodeRlp(NO_NODE)));

/** The root over `entries`, whose keys differ. */
export function merkleTrieRoot(entries: readonly TrieEntry[]): Hash32 {
  if (entries.length === 0) return EMPTY_TRIE_ROOT;
  const sorted = entries.toSorted((left, right) => left.nibbles < right.nibbles ? -1 : 1);
  return bytesToHash32(keccak256Bytes(encodeRlp(buildNode(sorted, 0, sorted.length, 0))));
}

/** The node over `sorted[from]` until `sorted[until]`, which share their first `depth` nibbles. */
function buildNode(
  sorted: readonly TrieEntry[],
  from: number,
  until: number,
  depth: number,
): RlpItem {
  const [first, last] = [sorted[from], sorted[until - 1]];
  assert(first !== undefined && last !== undefined, "a node stands over at least one entry");
  if (until - from === 1) return [packPath(first.nibbles.slice(depth), true), first.value];
  // In sorted order, what the outermost share is shared by all.
  let branch = depth;
  while (first.nibbles[branch] === last.nibbles[branch]) branch++;
  assert(branch < KEY_NIBBLES, "keys differ");
  if (branch > depth) {
    const path = packPath(first.nibbles.slice(depth, branch), false);
    return [path, toReference(buildNode(sorted, from, until, branch))];
  }
  const children: RlpItem[] = Array.from({ length: 17 }, () => NO_NODE);
  for (let start = from; start < until;) {
    const digit = sorted[start]?.nibbles[depth] ?? "";
    let end = start + 1;
    while (end < until && sorted[end]?.nibbles[depth] === digit) end++;
    children[Number.parseInt(digit, 16)] = toReference(buildNode(sorted, start, end, depth + 1));
    start = end;
  }
  return children;
}

/** Nodes shorter than a hash stand in their parent themselves. */
function toReference(node: RlpItem): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < 32 ? node : keccak256Bytes(encoded);
}

/** Yellow Paper, appendix C: nibbles packed behind a leaf flag and their parity. */
function packPath(nibbles: string, isLeaf: boolean): Uint8Array {
  const isOdd = nibbles.length % 2 === 1;
  const flag = (isLeaf ? 2 : 0) + (isOdd ? 1 : 0);
  return hexToBytes(`0x${flag}${isOdd ? "" : "0"}${nibbles}`);
}
