/**
 * The root of a Merkle-Patricia trie over a list, keyed by RLP of the position: how a block commits
 * to its transactions and receipts (Yellow Paper, section 4.3.2).
 *
 * Owns that one root. Does not own a mutable trie; L1's state uses a library for it.
 * @module
 */
import { concatBytes } from "../primitives/bytes.ts";
import { bytesToHash32, type Hash32 } from "../primitives/hex.ts";
import { encodeRlp, type RlpItem, uintToRlp } from "../primitives/rlp.ts";
import { keccak256Bytes } from "./keccak.ts";

interface Entry {
  readonly nibbles: readonly number[];
  readonly value: Uint8Array;
}

/** The trie root over `items`, each an opaque byte string. */
export function orderedTrieRoot(items: readonly Uint8Array[]): Hash32 {
  const entries: Entry[] = items.map((value, index) => ({
    nibbles: [...encodeRlp(uintToRlp(BigInt(index)))].flatMap((byte) => [byte >> 4, byte & 15]),
    value,
  }));
  const root = entries.length === 0 ? new Uint8Array(0) : buildNode(entries, 0);
  return bytesToHash32(keccak256Bytes(encodeRlp(root)));
}

/** The node over `entries`, which all share their first `depth` nibbles. */
function buildNode(entries: readonly Entry[], depth: number): RlpItem {
  const [first] = entries;
  if (first === undefined) return new Uint8Array(0);
  if (entries.length === 1) return [hexPrefix(first.nibbles.slice(depth), true), first.value];
  const shared = sharedNibbles(entries, depth);
  if (shared > 0) {
    const path = hexPrefix(first.nibbles.slice(depth, depth + shared), false);
    return [path, reference(buildNode(entries, depth + shared))];
  }
  const children: RlpItem[] = [];
  for (let nibble = 0; nibble < 16; nibble++) {
    const below = entries.filter((entry) => entry.nibbles[depth] === nibble);
    children.push(below.length === 0 ? new Uint8Array(0) : reference(buildNode(below, depth + 1)));
  }
  const ended = entries.find((entry) => entry.nibbles.length === depth);
  return [...children, ended?.value ?? new Uint8Array(0)];
}

/** Nodes shorter than a hash stand in their parent themselves. */
function reference(node: RlpItem): RlpItem {
  const encoded = encodeRlp(node);
  return encoded.length < 32 ? node : keccak256Bytes(encoded);
}

function sharedNibbles(entries: readonly Entry[], depth: number): number {
  const [first, ...rest] = entries;
  let shared = 0;
  while (first !== undefined) {
    const nibble = first.nibbles[depth + shared];
    if (nibble === undefined) return shared;
    if (rest.some((entry) => entry.nibbles[depth + shared] !== nibble)) return shared;
    shared++;
  }
  return shared;
}

/** Yellow Paper, appendix C: nibbles packed with the leaf flag and parity in the first one. */
function hexPrefix(nibbles: readonly number[], isLeaf: boolean): Uint8Array {
  const odd = nibbles.length % 2;
  const flag = (isLeaf ? 2 : 0) + odd;
  const all = odd === 1 ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  const packed = new Uint8Array(all.length / 2);
  for (let index = 0; index < packed.length; index++) {
    packed[index] = ((all[2 * index] ?? 0) << 4) | (all[2 * index + 1] ?? 0);
  }
  return concatBytes(packed);
}
