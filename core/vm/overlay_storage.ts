/**
 * A state on top of another one: what a call finds in the place of what was written.
 *
 * Owns which of two answers a slot has. Does not own where the state below is, or what may be
 * replaced: that is for whoever takes the request.
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import { type Address, bigintToHash32, type Hash32, ZERO_HASH } from "../primitives/hex.ts";
import {
  balanceSlot,
  codeHashSlot,
  compareSlots,
  nonceSlot,
  type SlotId,
  type StateDiff,
} from "../types/state.ts";
import type { StoragePort, SystemWrite } from "./executor.ts";

/** What an account is otherwise. Absent fields stay as they are. */
export interface AccountPatch {
  readonly balanceWei?: bigint;
  readonly nonce?: bigint;
  readonly code?: Uint8Array;
  /** The whole storage: every other slot is zero. */
  readonly state?: ReadonlyMap<Hash32, Hash32>;
  /** These slots only. */
  readonly stateDiff?: ReadonlyMap<Hash32, Hash32>;
}

/** A state that can be changed without the one below it. */
export interface OverlayStorage extends StoragePort {
  /** Replaces parts of accounts. */
  patch(accounts: ReadonlyMap<Address, AccountPatch>): void;
  /** Writes what a run changed. */
  apply(
    diffs: readonly Pick<StateDiff, "address" | "slot" | "newValue">[],
    codes: ReadonlyMap<Hash32, Uint8Array>,
  ): void;
  /**
   * Slots that were written since this was asked last, as they are now; sorted. Those that a whole
   * storage hides are not among them.
   */
  takeWrites(): readonly SystemWrite[];
}

/** `base` with what is written on top. */
export function createOverlay(base: StoragePort): OverlayStorage {
  const slots = new Map<Address, Map<Hash32, Hash32>>();
  const replaced = new Set<Address>();
  const codes = new Map<Hash32, Uint8Array>();
  let fresh = new Map<string, SlotId>();
  const write = ({ address, slot }: SlotId, value: Hash32): void => {
    fresh.set(address + slot, { address, slot });
    const ofAddress = slots.get(address) ?? new Map<Hash32, Hash32>();
    slots.set(address, ofAddress);
    ofAddress.set(slot, value);
  };
  const patchAccount = (account: Address, patch: AccountPatch): void => {
    const { balanceWei, nonce, code, state, stateDiff } = patch;
    if (balanceWei !== undefined) write(balanceSlot(account), bigintToHash32(balanceWei));
    if (nonce !== undefined) write(nonceSlot(account), bigintToHash32(nonce));
    if (code !== undefined) {
      const codeHash = code.length === 0 ? ZERO_HASH : keccak256(code);
      codes.set(codeHash, code);
      write(codeHashSlot(account), codeHash);
    }
    if (state !== undefined) {
      slots.delete(account);
      replaced.add(account);
    }
    for (const [slot, value] of state ?? stateDiff ?? []) write({ address: account, slot }, value);
  };
  return {
    patch: (accounts) => {
      for (const [account, patch] of accounts) patchAccount(account, patch);
    },
    apply: (diffs, newCodes) => {
      for (const { address, slot, newValue } of diffs) write({ address, slot }, newValue);
      for (const [codeHash, code] of newCodes) codes.set(codeHash, code);
    },
    takeWrites: () => {
      const written = [...fresh.values()].map(({ address, slot }) => ({
        address,
        slot,
        value: slots.get(address)?.get(slot) ?? ZERO_HASH,
      }));
      fresh = new Map();
      return written.sort(compareSlots);
    },
    readSlot: (address, slot) => {
      const value = slots.get(address)?.get(slot);
      if (value !== undefined) return value;
      return replaced.has(address) ? ZERO_HASH : base.readSlot(address, slot);
    },
    isWritten: (address, slot) => base.isWritten(address, slot),
    readCode: (codeHash) => codes.get(codeHash) ?? base.readCode(codeHash),
  };
}
