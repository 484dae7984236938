/**
 * The way down a Merkle Patricia trie whose keys are hashed.
 *
 * Owns reading one key; the library's own way to it takes several times as long. Does not own changing a
 * trie (the library's) or its nodes (`node_store.ts`).
 * @module
 */
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { assert } from "../../core/primitives/errors.ts";
import { type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { decodeRlp, rlpBytes, type RlpItem, rlpList } from "../../core/primitives/rlp.ts";
import { EMPTY_TRIE_ROOT } from "../../core/types/block.ts";
import type { NodeStore } from "./node_store.ts";

/** The way to a key. */
export interface TriePath {
  /** Nodes with a hash of their own; smaller ones are inside their parents. */
  readonly nodes: readonly Uint8Array[];
  /** What the key's leaf has, if it has one. */
  readonly value: Uint8Array | undefined;
}

/** The way to `key` in the trie with this root. */
export async function walkTrie(
  nodes: Pick<NodeStore, "get">,
  root: Hash32,
  key: Uint8Array,
): Promise<TriePath> {
  const passed: Uint8Array[] = [];
  if (root === EMPTY_TRIE_ROOT) return { nodes: passed, value: undefined };
  let left = [...keccak256Bytes(key).toHex()].join("");
  let next: RlpItem = hexToBytes(root);
  for (;;) {
    if (next instanceof Uint8Array) {
      if (next.length === 0) return { nodes: passed, value: undefined };
      const bytes = await nodes.get(next.toHex());
      assert(bytes !== undefined, "every node under a root is stored");
      passed.push(bytes);
      next = decodeRlp(bytes);
    }
    const node = rlpList(next);
    if (node.length === 17) {
      const child = node[Number.parseInt(left.charAt(0), 16)];
      assert(child !== undefined, "keys of one length end in leaves");
      left = left.slice(1);
      next = child;
      continue;
    }
    const [encoded, content] = node;
    const { nibbles, isLeaf } = decodePath(rlpBytes(encoded));
    if (!left.startsWith(nibbles)) return { nodes: passed, value: undefined };
    if (isLeaf) return { nodes: passed, value: rlpBytes(content) };
    assert(content !== undefined, "an extension leads somewhere");
    left = left.slice(nibbles.length);
    next = content;
  }
}

/** Hex-prefix encoding: the first nibble tells a leaf and an odd length. */
function decodePath(bytes: Uint8Array): { readonly nibbles: string; readonly isLeaf: boolean } {
  const hex = bytes.toHex();
  const flags = Number.parseInt(hex.charAt(0), 16);
  return { nibbles: hex.slice((flags & 1) === 1 ? 1 : 2), isLeaf: (flags & 2) !== 0 };
}
