/**
 * The program's memory as the host reads and writes it, in the slots of `assembly/layout.ts`.
 *
 * Owns the encoding of numbers and words. Does not own what a slot means.
 * @module
 */
import { bytesToBigint, copyBytes } from "../../primitives/bytes.ts";
import { type Address, bytesToAddress, bytesToHash32, type Hash32 } from "../../primitives/hex.ts";
import { WORD_BYTES } from "../assembly/layout.ts";

/** Reads and writes of one memory, which may grow meanwhile. */
export interface MemoryView {
  /** The bytes as they are now; not to be kept over a run of the program. */
  bytes(): Uint8Array;
  /** A copy of `length` bytes. */
  read(pointer: number, length: number): Uint8Array;
  write(pointer: number, bytes: Uint8Array): void;
  u32(pointer: number): number;
  setU32(pointer: number, value: number): void;
  setU64(pointer: number, value: bigint): void;
  /** The number in a slot. */
  number(slot: number): bigint;
  /** The signed number in a slot that cannot be too large for a double. */
  count(slot: number): number;
  setNumber(slot: number, value: bigint): void;
  /** The 256-bit word at an address. */
  word(pointer: number): bigint;
  setWord(pointer: number, value: bigint): void;
  /** The word at an address as the program computes with it: the least significant limb first. */
  limbs(pointer: number): bigint;
  hash(pointer: number): Hash32;
  setHash(pointer: number, value: Hash32): void;
  /** An account, right-aligned in the word at an address. */
  account(pointer: number): Address;
  setAccount(pointer: number, value: Address): void;
}

const ADDRESS_OFFSET = 12;
const MAX_U64 = (1n << 64n) - 1n;

/** Wraps `memory`. */
export function createMemoryView(memory: WebAssembly.Memory): MemoryView {
  let bytes = new Uint8Array(memory.buffer);
  let view = new DataView(memory.buffer);
  const refresh = () => {
    // Growing the memory takes the old buffer away; asking the memory itself is slow.
    if (bytes.length > 0) return;
    bytes = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
  };
  const current = (): Uint8Array => {
    refresh();
    return bytes;
  };
  const data = (): DataView => {
    refresh();
    return view;
  };
  return {
    bytes: current,
    read: (pointer, length) => copyBytes(current(), pointer, pointer + length),
    write: (pointer, source) => current().set(source, pointer),
    u32: (pointer) => data().getUint32(pointer, true),
    setU32: (pointer, value) => data().setUint32(pointer, value, true),
    setU64: (pointer, value) => data().setBigUint64(pointer, value, true),
    number: (slot) => data().getBigUint64(slot * WORD_BYTES, true),
    count: (slot) => {
      const target = data();
      const pointer = slot * WORD_BYTES;
      return target.getInt32(pointer + 4, true) * 2 ** 32 + target.getUint32(pointer, true);
    },
    setNumber: (slot, value) => data().setBigUint64(slot * WORD_BYTES, value, true),
    word: (pointer) => bytesToBigint(current().subarray(pointer, pointer + WORD_BYTES)),
    limbs: (pointer) => {
      const source = data();
      let word = source.getBigUint64(pointer + 24, true);
      for (let limb = 2; limb >= 0; limb--) {
        word = (word << 64n) | source.getBigUint64(pointer + 8 * limb, true);
      }
      return word;
    },
    setWord: (pointer, value) => {
      const target = data();
      if (value <= MAX_U64) {
        current().fill(0, pointer, pointer + WORD_BYTES - 8);
        target.setBigUint64(pointer + WORD_BYTES - 8, value);
        return;
      }
      for (let limb = 3; limb >= 0; limb--) {
        target.setBigUint64(pointer + 8 * limb, BigInt.asUintN(64, value));
        value >>= 64n;
      }
    },
    hash: (pointer) => bytesToHash32(current().subarray(pointer, pointer + WORD_BYTES)),
    setHash: (pointer, value) => writeHex(current(), pointer, value),
    account: (pointer) =>
      bytesToAddress(current().subarray(pointer + ADDRESS_OFFSET, pointer + WORD_BYTES)),
    setAccount: (pointer, value) => {
      const target = current();
      target.fill(0, pointer, pointer + ADDRESS_OFFSET);
      writeHex(target, pointer + ADDRESS_OFFSET, value);
    },
  };
}

/** Straight into the memory: an array in between costs more than the rest. */
function writeHex(target: Uint8Array, pointer: number, value: Hash32 | Address): void {
  target.subarray(pointer, pointer + value.length / 2 - 1).setFromHex(value.slice(2));
}
