/**
 * Storage ports without a database: a state in memory, and a recorder around any other port.
 *
 * Owns what tests, simulation and witnesses need. Does not own persistence or the state tree.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import { type Address, type Hash32, ZERO_HASH } from "../primitives/hex.ts";
import { compareSlots, type StateDiff } from "../types/state.ts";
import type { StoragePort, SystemWrite } from "./executor.ts";

/** A state in memory. */
export interface MemoryStorage extends StoragePort {
  readSlot(address: Address, slot: Hash32): Hash32;
  isWritten(address: Address, slot: Hash32): boolean;
  readCode(codeHash: Hash32): Uint8Array;
  /** Moves the state on by a block; every old value must be the present one. */
  apply(diffs: readonly StateDiff[], newCodes: ReadonlyMap<Hash32, Uint8Array>): void;
  /** Every slot that is not zero, sorted. */
  entries(): readonly SystemWrite[];
}

/** A state that holds `start`. */
export function createMemoryStorage(start?: {
  readonly writes: readonly SystemWrite[];
  readonly codes: ReadonlyMap<Hash32, Uint8Array>;
}): MemoryStorage {
  const slots = new Map<Address, Map<Hash32, Hash32>>();
  /** Also slots that are zero again: their index in the tree stays. */
  const written = new Set<string>();
  const codes = new Map<Hash32, Uint8Array>(start?.codes);
  const readSlot = (address: Address, slot: Hash32) => slots.get(address)?.get(slot) ?? ZERO_HASH;
  const writeSlot = ({ address, slot, value }: SystemWrite) => {
    const ofAddress = slots.get(address) ?? new Map<Hash32, Hash32>();
    slots.set(address, ofAddress);
    if (value === ZERO_HASH) {
      ofAddress.delete(slot);
    } else {
      written.add(address + slot);
      ofAddress.set(slot, value);
    }
  };
  start?.writes.forEach(writeSlot);
  return {
    readSlot,
    isWritten: (address, slot) => written.has(address + slot),
    readCode: (codeHash) => {
      const code = codes.get(codeHash);
      assert(code !== undefined, "the state holds the code of every code hash in it");
      return code;
    },
    apply: (diffs, newCodes) => {
      for (const { address, slot, oldValue, newValue } of diffs) {
        assert(readSlot(address, slot) === oldValue, "diffs apply to the state they were made on");
        writeSlot({ address, slot, value: newValue });
      }
      for (const [codeHash, code] of newCodes) codes.set(codeHash, code);
    },
    entries: () =>
      [...slots].flatMap(([address, ofAddress]) =>
        [...ofAddress].map(([slot, value]) => ({ address, slot, value }))
      ).sort(compareSlots),
  };
}

/** A port that remembers what was read through it. */
export interface RecordingStorage extends StoragePort {
  /** Every slot that was read, once, with its value; sorted. */
  readSlots(): readonly SystemWrite[];
  /** Every code that was read, by its keccak256. */
  readCodes(): ReadonlyMap<Hash32, Uint8Array>;
}

/** Records all reads that succeed on `port`: what a stateless run of the same block needs. */
export function recordingStorage(port: StoragePort): RecordingStorage {
  const slots = new Map<string, SystemWrite>();
  const codes = new Map<Hash32, Uint8Array>();
  const noteSlot = (address: Address, slot: Hash32, value: Hash32): Hash32 => {
    slots.set(address + slot, { address, slot, value });
    return value;
  };
  const noteCode = (codeHash: Hash32, code: Uint8Array): Uint8Array => {
    codes.set(codeHash, code);
    return code;
  };
  const readCode = (codeHash: Hash32): Uint8Array | Promise<Uint8Array> => {
    const code = port.readCode(codeHash);
    return code instanceof Promise
      ? code.then((fetched) => noteCode(codeHash, fetched))
      : noteCode(codeHash, code);
  };
  return {
    readSlot: (address, slot) => {
      const value = port.readSlot(address, slot);
      return typeof value === "string"
        ? noteSlot(address, slot, value)
        : value.then((fetched) => noteSlot(address, slot, fetched));
    },
    isWritten: (address, slot) => port.isWritten(address, slot),
    readCode,
    noteCode: (codeHash) => {
      readCode(codeHash);
    },
    readSlots: () => [...slots.values()].sort(compareSlots),
    readCodes: () => codes,
  };
}
