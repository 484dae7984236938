/**
 * Proofs of accounts and slots by the tries of the embedded L1 (EIP-1186).
 *
 * Owns what of a trie makes a proof. Does not own the way down (`trie_walk.ts`) or the tries' nodes
 * (`node_store.ts`).
 * @module
 */
import { bigintToBytes, bytesToBigint } from "../../core/primitives/bytes.ts";
import {
  type Address,
  bytesToHash32,
  type Hash32,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import { decodeRlp, rlpBytes, rlpList, rlpUint } from "../../core/primitives/rlp.ts";
import { EMPTY_TRIE_ROOT } from "../../core/types/block.ts";
import type { AccountProof, StorageProof } from "../rpc/chain_proofs.ts";
import type { NodeStore } from "./node_store.ts";
import { walkTrie } from "./trie_walk.ts";

/** The proof of `account` and `slots` under `stateRoot`, be they there or not. */
export async function proveAccount(
  nodes: NodeStore,
  stateRoot: Hash32,
  { account, slots }: { readonly account: Address; readonly slots: readonly Hash32[] },
): Promise<AccountProof> {
  const path = await walkTrie(nodes, stateRoot, hexToBytes(account));
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
  const path = await walkTrie(nodes, storageRoot, hexToBytes(slot));
  const value = path.value === undefined ? 0n : bytesToBigint(rlpBytes(decodeRlp(path.value)));
  return { slot, value: bytesToHash32(bigintToBytes(value, 32)), nodes: path.nodes };
}
