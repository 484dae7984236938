/**
 * The library's state manager, mended where it is wrong or slow.
 *
 * Owns how accounts and slots get from its caches into the tries: at a flush and never before. Does
 * not own the nodes (`node_store.ts`) or who runs on the state (`evm.ts`).
 * @module
 */
import type { Common } from "@ethereumjs/common";
import { MerklePatriciaTrie } from "@ethereumjs/mpt";
import { Caches, MerkleStateManager } from "@ethereumjs/statemanager";
import { type Address as LibraryAddress, ValueEncoding } from "@ethereumjs/util";
import { keccak256Bytes } from "../../core/crypto/keccak.ts";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import { bytesToHash32, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import { decodeRlp, encodeRlp, rlpBytes } from "../../core/primitives/rlp.ts";
import { isRecord } from "../rpc/schema.ts";
import type { NodeOverlay } from "./node_store.ts";
import { noteKeys } from "./preimages.ts";
import { walkTrie } from "./trie_walk.ts";

/** The state under `stateRoot`, or an empty one; what changes stays in `overlay`. */
export function openState(
  overlay: NodeOverlay,
  { stateRoot, common }: { readonly stateRoot?: Hash32; readonly common: Common },
): MerkleStateManager {
  const trie = new MerklePatriciaTrie({
    db: overlay.db,
    useKeyHashing: true,
    valueEncoding: ValueEncoding.Bytes,
    common,
    ...(stateRoot === undefined ? {} : { root: hexToBytes(stateRoot) }),
  });
  const caches = new Caches();
  const state = new MerkleStateManager({ common, trie, caches });
  // The library's own writes the trie at each SSTORE too, though a flush does it from the cache.
  state.putStorage = async (account, key, value) => {
    // Who stores has been looked at before; reading it again costs more than all the rest.
    const isKnown = caches.account?.get(account)?.accountRLP !== undefined;
    assert(isKnown || await state.getAccount(account) !== undefined, "only an account stores");
    caches.storage?.put(account, key, encodeRlp(withoutLeadingZeros(value)));
  };
  // The library's own way down the trie takes several times as long.
  state.getStorage = async (account, key) => {
    const cached = caches.storage?.get(account, key);
    if (cached !== undefined) return rlpBytes(decodeRlp(cached));
    const owner = await state.getAccount(account);
    if (owner === undefined) return EMPTY_BYTES;
    const { value = NO_VALUE } = await walkTrie(overlay, bytesToHash32(owner.storageRoot), key);
    caches.storage?.put(account, key, value);
    return rlpBytes(decodeRlp(value));
  };
  // The library's own goes on with the storage of the account that was, should one come again.
  const deleteAccount = state.deleteAccount.bind(state);
  state.deleteAccount = async (account) => {
    await deleteAccount(account);
    forgetStorageTrie(state, account);
  };
  noteKeys(state, overlay.keys);
  return state;
}

/** What the library keeps for a slot that is zero. */
const NO_VALUE = encodeRlp(EMPTY_BYTES);

/** The library's copies the value once for each zero. */
function withoutLeadingZeros(value: Uint8Array): Uint8Array {
  const start = value.findIndex((byte) => byte !== 0);
  return start < 0 ? EMPTY_BYTES : value.subarray(start);
}

/** The next trie is opened at the storage root that the account has then. */
function forgetStorageTrie(state: MerkleStateManager, account: LibraryAddress): void {
  const tries: unknown = Reflect.get(state, "_storageTries");
  assert(isRecord(tries), "the library keeps the storage tries that it opened");
  Reflect.deleteProperty(tries, keccak256Bytes(account.bytes).toHex());
}
