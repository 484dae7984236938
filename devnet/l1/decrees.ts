/**
 * State that somebody decrees: balances, nonces, codes and slots that no transaction made.
 *
 * Owns the state between two blocks. Clients of devnets expect a decree to be there at once, without
 * a block: the block number stays, reads of the latest state see it, and the next block is built on
 * it. So a header's root is not the root of the state that readers of its block see where something
 * was decreed after it, and only proofs go by the header. The decreed root is kept by the hash of the
 * block before it: whoever reads that block or runs the next one again, now or after a restart or a
 * reorganisation, finds the same state. Does not own who may decree.
 * @module
 */
import { Account } from "@ethereumjs/util";
import type { MerkleStateManager } from "@ethereumjs/statemanager";
import { type Address, bytesToHash32, type Hash32, hexToBytes } from "../../core/primitives/hex.ts";
import type { AccountDecree, ChainHeader } from "../rpc/chain.ts";
import { toLibraryAddress } from "./library.ts";
import { headEnvironment, type OpenChain } from "./open_chain.ts";

/** Root of the state that the next block is built on. */
export function groundRoot({ view, decreed }: OpenChain): Hash32 {
  return decreed ?? view.head().header.stateRoot;
}

/**
 * Root of the state that the block after the one of `header` was or will be built on. It is also what
 * readers of that block see: whoever compares two blocks finds what the later one did, and no decree.
 */
export async function groundAfter(
  chain: OpenChain,
  { hash, stateRoot }: Pick<ChainHeader, "hash" | "stateRoot">,
): Promise<Hash32> {
  // Nearly everybody asks for the latest block, of which this is known without a row.
  if (hash === chain.view.head().hash) return groundRoot(chain);
  return await chain.store.decreed(hash) ?? stateRoot;
}

/**
 * Gives `accounts` what they are to be, in one commit. What waits with a nonce that is used now can
 * be in no block any more, and waits no longer.
 */
export async function decreeAccounts(
  chain: OpenChain,
  accounts: ReadonlyMap<Address, AccountDecree>,
): Promise<void> {
  const { evm, nodes } = chain;
  const { state, overlay } = await evm.scratch(groundRoot(chain), headEnvironment(chain).rules);
  for (const [account, decree] of accounts) await putAccount(state, account, decree);
  const root = await state.getStateRoot();
  const stateRoot = bytesToHash32(root);
  const change = { stateRoot, ...overlay.reachable(root) };
  await chain.store.saveDecreed(chain.view.head().hash, change);
  nodes.remember(change);
  chain.decreed = stateRoot;
  for (const [account, { nonce }] of accounts) await dropStale(chain, account, nonce);
}

async function dropStale(
  { pool, store }: OpenChain,
  account: Address,
  nonce: bigint | undefined,
): Promise<void> {
  if (nonce === undefined) return;
  for (const { hash, tx } of [...pool.entriesOf(account)]) {
    if (tx.nonce >= nonce) continue;
    await store.removePoolEntry(hash);
    pool.remove(hash);
  }
}

/** Lets the next block be built on `stateRoot`, whose nodes are stored; `undefined`: as it is. */
export async function restoreDecreed(
  chain: OpenChain,
  stateRoot: Hash32 | undefined,
): Promise<void> {
  const { hash } = chain.view.head();
  if (stateRoot === undefined) await chain.store.removeDecreed(hash);
  else {
    const nothing = new Map<string, Uint8Array>();
    const stored = { nodes: nothing, codes: nothing, keys: new Set<string>() };
    await chain.store.saveDecreed(hash, { stateRoot, ...stored });
  }
  chain.decreed = stateRoot;
}

async function putAccount(
  state: MerkleStateManager,
  account: Address,
  { balanceWei, nonce, code, storage, isWholeStorage = false }: AccountDecree,
): Promise<void> {
  const address = toLibraryAddress(account);
  const found = await state.getAccount(address) ?? new Account();
  if (balanceWei !== undefined) found.balance = balanceWei;
  if (nonce !== undefined) found.nonce = nonce;
  await state.putAccount(address, found);
  if (code !== undefined) await state.putCode(address, code);
  if (isWholeStorage) await state.clearStorage(address);
  for (const [slot, value] of storage ?? []) {
    await state.putStorage(address, hexToBytes(slot), hexToBytes(value));
  }
  // EIP-161: an account with nothing in it is not in the state. Slots alone keep it there, as what
  // clients write into an address they want to read again.
  const written = await state.getAccount(address);
  const isClear = ![...storage?.values() ?? []].some((value) => BigInt(value) !== 0n);
  if (written?.isEmpty() === true && isClear && !hasStorage(written)) {
    await state.deleteAccount(address);
  }
}

const EMPTY_STORAGE_ROOT = "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

function hasStorage(account: Account): boolean {
  return account.storageRoot.toHex() !== EMPTY_STORAGE_ROOT;
}
