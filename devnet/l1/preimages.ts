/**
 * What the keys of the tries are hashes of: addresses and slots.
 *
 * Owns noting every key that is written, and reading them back for a dump. Keys of reverted writes
 * are noted too; nobody misses the room. Does not own the rows' commit (`block_store.ts`).
 * @module
 */
import type { MerkleStateManager } from "@ethereumjs/statemanager";
import { keccak256 } from "../../core/crypto/keccak.ts";
import type { L1BlockStore } from "./block_store.ts";

/** Lets `state` note in `keys`, as unprefixed hex, what is written from now on. */
export function noteKeys(state: MerkleStateManager, keys: Set<string>): void {
  const putAccount = state.putAccount.bind(state);
  const putStorage = state.putStorage.bind(state);
  state.putAccount = (address, account) => {
    keys.add(address.bytes.toHex());
    return putAccount(address, account);
  };
  state.putStorage = (address, key, value) => {
    keys.add(key.toHex());
    return putStorage(address, key, value);
  };
}

/** All keys that are known, by their hashes as unprefixed hex. */
export async function readPreimages(
  store: Pick<L1BlockStore, "keys">,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const preimages = new Map<string, Uint8Array>();
  for await (const key of store.keys()) preimages.set(keccak256(key).slice(2), key);
  return preimages;
}
