/**
 * The uniform state map: (address, slot) -> 32 bytes, accounts included.
 *
 * Owns where balance, nonce and code hash of an account live (zk-stack: 0x800A, 0x8003, 0x8002) and
 * the flat key under which the tree stores a slot. Does not own the tree or its persistence.
 * @module
 */
import { blake2s } from "@noble/hashes/blake2.js";
import { keccak256 } from "../crypto/keccak.ts";
import { concatBytes } from "../primitives/bytes.ts";
import { type Address, address, type Hash32, hash32, hexToBytes } from "../primitives/hex.ts";

/** Slots here hold codes of accounts: slot = the account's address, value = keccak256 of the code. */
export const CODE_HASH_ADDRESS: Address = address(`0x${"00".repeat(18)}8002`);
/** Slots here hold nonces. */
export const NONCE_ADDRESS: Address = address(`0x${"00".repeat(18)}8003`);
/** Slots here hold balances in wei. */
export const BALANCE_ADDRESS: Address = address(`0x${"00".repeat(18)}800a`);
/** Slots here describe the chain itself; see {@linkcode HEADER_COMMITMENT_SLOT}. */
export const SYSTEM_CONTEXT_ADDRESS: Address = address(`0x${"00".repeat(18)}800b`);
/** EIP-2935: block hashes, in a ring of {@linkcode HISTORY_WINDOW_BLOCKS} slots. */
export const HISTORY_STORAGE_ADDRESS: Address = address(
  "0x0000f90827f1c53a10cb7a02335b175320002935",
);
/** EIP-2935's `HISTORY_SERVE_WINDOW`. */
export const HISTORY_WINDOW_BLOCKS = 8191n;

/**
 * Slot 0 of the system context holds keccak256 of the latest header with its `stateRoot` zeroed.
 * A state root thereby commits to the whole header of its block, so a proof that starts from the
 * root needs no further trust in the parent block it is given.
 */
export const HEADER_COMMITMENT_SLOT: Hash32 = hash32(`0x${"00".repeat(32)}`);

/** Slot of {@linkcode SYSTEM_CONTEXT_ADDRESS} that holds the gas for each byte of pubdata. */
export const GAS_PER_PUBDATA_SLOT: Hash32 = hash32(`0x${"00".repeat(31)}01`);

/** A slot that changed; `oldValue` and `newValue` differ. */
export interface StateDiff {
  readonly address: Address;
  readonly slot: Hash32;
  readonly oldValue: Hash32;
  readonly newValue: Hash32;
}

/** A slot of the map. */
export interface SlotId {
  readonly address: Address;
  readonly slot: Hash32;
}

/** Where the balance of `account` lives; the value is wei, big-endian. */
export function balanceSlot(account: Address): SlotId {
  return { address: BALANCE_ADDRESS, slot: mappingSlot(account) };
}

/** Where the nonce of `account` lives. */
export function nonceSlot(account: Address): SlotId {
  return { address: NONCE_ADDRESS, slot: mappingSlot(account) };
}

/** Where the code hash of `account` lives; absent for accounts without code. */
export function codeHashSlot(account: Address): SlotId {
  return { address: CODE_HASH_ADDRESS, slot: addressToSlot(account) };
}

/** Where the hash of block `number` lives while it is in the EIP-2935 window. */
export function blockHashSlot(number: bigint): SlotId {
  const position = number % HISTORY_WINDOW_BLOCKS;
  return {
    address: HISTORY_STORAGE_ADDRESS,
    slot: hash32(`0x${position.toString(16).padStart(64, "0")}`),
  };
}

/**
 * The tree's key of a slot: blake2s256(12 zero bytes, address, slot). Not to be changed: the same
 * bytes may be given to others, as a block asks for the keys of what it touches many times.
 */
export function flatKey({ address, slot }: SlotId): Uint8Array {
  const known = keys.young.get(address)?.get(slot);
  if (known !== undefined) return known;
  const key = keys.old.get(address)?.get(slot) ??
    blake2s(concatBytes(KEY_PADDING, hexToBytes(address), hexToBytes(slot)));
  if (keys.youngCount === MAX_KEPT_KEYS) {
    keys = { young: new Map(), youngCount: 0, old: keys.young };
  }
  let ofAddress = keys.young.get(address);
  if (ofAddress === undefined) keys.young.set(address, ofAddress = new Map());
  ofAddress.set(slot, key);
  keys.youngCount++;
  return key;
}

const KEY_PADDING = new Uint8Array(12);

/** Keys by slot, by address: a text made of both would have to be hashed each time. */
type KeptKeys = Map<Address, Map<Hash32, Uint8Array>>;

let keys: { readonly young: KeptKeys; youngCount: number; readonly old: KeptKeys } = {
  young: new Map(),
  youngCount: 0,
  old: new Map(),
};

/** Keys that were asked for lately, in each of two generations; some 10 MB at most. */
const MAX_KEPT_KEYS = 16_384;
/** Slots of accounts that were asked for lately; some 5 MB at most. */
const MAX_KEPT_SLOTS = 8_192;

/** `compute` with what it gave lately, for up to `count` texts in each of two generations. */
function remember<Value>(compute: (text: string) => Value, count: number): (text: string) => Value {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const value = old.get(text) ?? compute(text);
    if (young.size === count) [young, old] = [new Map<string, Value>(), young];
    young.set(text, value);
    return value;
  };
}

/** The order of state diffs: by address, then by slot, as big-endian numbers. */
export function compareSlots(left: SlotId, right: SlotId): number {
  if (left.address !== right.address) return left.address < right.address ? -1 : 1;
  if (left.slot === right.slot) return 0;
  return left.slot < right.slot ? -1 : 1;
}

/** keccak256(pad32(account), pad32(0)): a Solidity mapping at slot 0. */
const mappingSlot: (account: Address) => Hash32 = remember(
  (account) => keccak256(concatBytes(hexToBytes(addressToSlot(account)), new Uint8Array(32))),
  MAX_KEPT_SLOTS,
);

function addressToSlot(account: string): Hash32 {
  return hash32(`0x${account.slice(2).padStart(64, "0")}`);
}
