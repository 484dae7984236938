/**
 * Proofs of accounts and slots by the tries of the embedded L1 (EIP-1186).
 *
 * Owns the way down a trie. Does not own the tries' nodes (`node_store.ts`).
 * @module
 */
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { bigintToBytes, bytesToBigint } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { decodeRlp, rlpBytes, type RlpItem, rlpList, rlpUint } from "../../core/primitives/rlp.ts";
import { EMPTY_TRIE_ROOT } from "../../core/types/block.ts";
import type { AccountProof, StorageProof } from "../rpc/chain.ts";
import type { NodeStore } from "./node_store.ts";

/** The proof of `account` and `slots` under `stateRoot`, be they there or not. */
export async function proveAccount(
  nodes: NodeStore,
  stateRoot: Hash32,
  { account, slots }: { readonly account: Address; readonly slots: readonly Hash32[] },
): Promise<AccountProof> {
  const path = await walk(nodes, stateRoot, hexToBytes(account));
  const fields = path.value === undefined ? undefined : rlpList(decodeRlp(path.value), 4);
  const storageRoot = fields === undefined ? EMPTY_TRIE_ROOT : bytesToHash32(rlpBytes(fields[2]));
  const storage: StorageProof[] = [];
  for (const slot of slots) storage.push(await proveSlot(nodes, storageRoot, slot));
  if (fields === undefined) {
    const absent = { balanceWei: 0n, nonce: 0n, codeHash: ZERO_HASH, storageHash: ZERO_HASH };
    return { ...absent, nodes: path.nodes, storage };
  }
  return {
    nonce: rlpUint(fields[0]),
    balanceWei: rlpUint(fields[1]),
    storageHash: storageRoot,
    codeHash: bytesToHash32(rlpBytes(fields[3], 32)),
    nodes: path.nodes,
    storage,
  };
}

async function proveSlot(
  nodes: NodeStore,
  storageRoot: Hash32,
  slot: Hash32,
): Promise<StorageProof> {
  const path = await walk(nodes, storageRoot, hexToBytes(slot));
  const value = path.value === undefined ? 0n : bytesToBigint(rlpBytes(decodeRlp(path.value)));
  return { slot, value: bytesToHash32(bigintToBytes(value, 32)), nodes: path.nodes };
}

interface TriePath {
  /** Nodes with a hash of their own; smaller ones are inside their parents. */
  readonly nodes: readonly Uint8Array[];
  readonly value: Uint8Array | undefined;
}

async function walk(nodes: NodeStore, root: Hash32, key: Uint8Array): Promise<TriePath> {
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
