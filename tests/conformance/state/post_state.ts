/**
 * The world of a state test, as the uniform state map before the run and as accounts after it.
 *
 * Owns both translations and the state root of Ethereum. Does not own the trie (`merkle_trie.ts`).
 * @module
 */
import { keccak256, keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import {
  type Address,
  bigintToHash32,
  type Hash32,
  hash32ToBigint,
  hexToBytes,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import { encodeRlp, uintToRlp } from "../../../core/primitives/rlp.ts";
import type { EventLog } from "../../../core/types/receipt.ts";
import {
  BALANCE_ADDRESS,
  balanceSlot,
  CODE_HASH_ADDRESS,
  codeHashSlot,
  NONCE_ADDRESS,
} from "../../../core/types/state.ts";
import type { SystemWrite } from "../../../core/vm/executor.ts";
import type { ProgramOutput, ProgramWorld } from "../../../core/vm/host/program.ts";
import { createMemoryStorage } from "../../../core/vm/memory_storage.ts";
import type { TestAccount } from "./fixture.ts";
import { merkleTrieRoot, type TrieEntry } from "./merkle_trie.ts";

/** Accounts by address. */
export type Accounts = ReadonlyMap<Address, TestAccount>;

/** The start of a test, and what its end is worked out with. */
export interface TestWorld {
  readonly pre: Accounts;
  readonly programWorld: ProgramWorld;
  /** Every account that a run has asked for: the state map has only hashes of most of them. */
  readonly seenAccounts: ReadonlySet<Address>;
}

const NO_ACCOUNT: TestAccount = {
  nonce: 0n,
  balanceWei: 0n,
  code: EMPTY_BYTES,
  codeHash: ZERO_HASH,
  storage: new Map(),
};
const EMPTY_CODE_HASH = keccak256Bytes(EMPTY_BYTES);

/** The world that starts with `pre`; good for any number of runs. */
export function createTestWorld(pre: Accounts): TestWorld {
  const writes: SystemWrite[] = [];
  const codes = new Map<Hash32, Uint8Array>();
  for (const [account, { nonce, balanceWei, code, codeHash, storage }] of pre) {
    const slot = tableSlot(account);
    writes.push(
      { address: NONCE_ADDRESS, slot, value: bigintToHash32(nonce) },
      { address: BALANCE_ADDRESS, slot, value: bigintToHash32(balanceWei) },
      { ...codeHashSlot(account), value: codeHash },
    );
    for (const [key, value] of storage) writes.push({ address: account, slot: key, value });
    if (codeHash !== ZERO_HASH) codes.set(codeHash, code);
  }
  const memory = createMemoryStorage({ writes, codes });
  const seenAccounts = new Set(pre.keys());
  return {
    pre,
    seenAccounts,
    programWorld: {
      storage: {
        ...memory,
        readSlot: (owner, slot) => {
          // The first touch of an account reads its code hash, whose slot is the address itself.
          if (owner === CODE_HASH_ADDRESS) seenAccounts.add(accountOfCodeHashSlot(slot));
          return memory.readSlot(owner, slot);
        },
      },
      blockHash: (number) => keccak256(new TextEncoder().encode(number.toString())),
      accountHasStorage: (account) => (pre.get(account)?.storage.size ?? 0) > 0,
    },
  };
}

/**
 * Accounts after a run that left `output`. Empty ones go when they were touched (EIP-161), as
 * `touched` is by definition of the format even when nothing ran.
 */
export function accountsAfter(
  world: TestWorld,
  output: Pick<ProgramOutput, "diffs" | "newCodes" | "touched">,
  touched: Address,
): Accounts {
  const accounts = new Map(world.pre);
  const accountsByTableSlot = new Map<Hash32, Address>();
  for (const account of world.seenAccounts) accountsByTableSlot.set(tableSlot(account), account);
  const changed = new Set<Address>([...output.touched, touched]);
  const change = (account: Address, fields: Partial<TestAccount>) => {
    changed.add(account);
    accounts.set(account, { ...accounts.get(account) ?? NO_ACCOUNT, ...fields });
  };
  const storages = new Map<Address, Map<Hash32, Hash32>>();
  for (const { address: owner, slot, newValue } of output.diffs) {
    const inTable = accountsByTableSlot.get(slot);
    if (owner === NONCE_ADDRESS && inTable !== undefined) {
      change(inTable, { nonce: hash32ToBigint(newValue) });
    } else if (owner === BALANCE_ADDRESS && inTable !== undefined) {
      change(inTable, { balanceWei: hash32ToBigint(newValue) });
    } else if (owner === CODE_HASH_ADDRESS) {
      const code = output.newCodes.get(newValue) ?? EMPTY_BYTES;
      change(accountOfCodeHashSlot(slot), { codeHash: newValue, code });
    } else {
      const storage = storages.get(owner) ?? new Map(accounts.get(owner)?.storage);
      storages.set(owner, storage);
      if (newValue === ZERO_HASH) storage.delete(slot);
      else storage.set(slot, newValue);
    }
  }
  for (const [owner, storage] of storages) change(owner, { storage });
  for (const account of changed) {
    const fields = accounts.get(account);
    if (fields !== undefined && isEmpty(fields)) accounts.delete(account);
  }
  return accounts;
}

/** Ethereum's state root over `accounts`. */
export function stateRoot(accounts: Accounts): Hash32 {
  const entries: TrieEntry[] = [];
  for (const [account, fields] of accounts) {
    entries.push({ nibbles: hashedKey(account), value: accountLeaf(fields) });
  }
  return merkleTrieRoot(entries);
}

/** Where `actual` is not what `expected` says, one line each. */
export function accountDifferences(expected: Accounts, actual: Accounts): readonly string[] {
  const lines: string[] = [];
  for (const account of new Set([...expected.keys(), ...actual.keys()])) {
    const [want, have] = [expected.get(account), actual.get(account)];
    if (want === undefined || have === undefined) {
      lines.push(`${account} ${want === undefined ? "should not be there" : "is missing"}`);
      continue;
    }
    const say = (what: string, wanted: bigint | string, given: bigint | string) => {
      if (wanted !== given) lines.push(`${account} ${what}: expected ${wanted}, got ${given}`);
    };
    say("nonce", want.nonce, have.nonce);
    say("balance", want.balanceWei, have.balanceWei);
    say("code hash", want.codeHash, have.codeHash);
    for (const slot of new Set([...want.storage.keys(), ...have.storage.keys()])) {
      say(
        `slot ${slot}`,
        want.storage.get(slot) ?? ZERO_HASH,
        have.storage.get(slot) ?? ZERO_HASH,
      );
    }
  }
  return lines;
}

/** Leaves are kept by account: most accounts of a test are the same in all its variants. */
const leaves = new WeakMap<TestAccount, Uint8Array>();

function accountLeaf(account: TestAccount): Uint8Array {
  const known = leaves.get(account);
  if (known !== undefined) return known;
  const storage = [...account.storage].map(([slot, value]): TrieEntry => ({
    nibbles: hashedKey(slot),
    value: encodeRlp(uintToRlp(hash32ToBigint(value))),
  }));
  const leaf = encodeRlp([
    uintToRlp(account.nonce),
    uintToRlp(account.balanceWei),
    hexToBytes(merkleTrieRoot(storage)),
    account.codeHash === ZERO_HASH ? EMPTY_CODE_HASH : hexToBytes(account.codeHash),
  ]);
  leaves.set(account, leaf);
  return leaf;
}

/** EIP-161; storage does not count. */
function isEmpty(account: TestAccount): boolean {
  return account.nonce === 0n && account.balanceWei === 0n && account.codeHash === ZERO_HASH;
}

function accountOfCodeHashSlot(slot: Hash32): Address {
  // The lower 20 bytes of checked hex are an address.
  return `0x${slot.slice(26)}` as Address;
}

/** How many hashes are kept; tests use the same accounts and slots over and over. */
const MAX_KEPT_HASHES = 100_000;
const hashedKeys = new Map<Address | Hash32, string>();
const tableSlots = new Map<Address, Hash32>();

/** The key of a secure trie: keccak256, as nibbles. */
function hashedKey(key: Address | Hash32): string {
  return kept(hashedKeys, key, () => keccak256Bytes(hexToBytes(key)).toHex());
}

/** Where nonce and balance of `account` are in their tables: the same slot in both. */
function tableSlot(account: Address): Hash32 {
  return kept(tableSlots, account, () => balanceSlot(account).slot);
}

function kept<Key, Value>(cache: Map<Key, Value>, key: Key, compute: () => Value): Value {
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= MAX_KEPT_HASHES) cache.clear();
  const value = compute();
  cache.set(key, value);
  return value;
}

/** keccak256 of the RLP of `logs`. */
export function logsHash(logs: readonly EventLog[]): Hash32 {
  const items = logs.map((log) => [hexToBytes(log.address), log.topics.map(hexToBytes), log.data]);
  return keccak256(encodeRlp(items));
}
