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
  /** The bytes four at a time, as they are now. */
  units(): Int32Array;
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
  let units = new Int32Array(memory.buffer);
  const refresh = () => {
    // Growing the memory takes the old buffer away; asking the memory itself is slow.
    if (bytes.length > 0) return;
    bytes = new Uint8Array(memory.buffer);
    view = new DataView(memory.buffer);
    units = new Int32Array(memory.buffer);
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
    units: () => {
      refresh();
      return units;
    },
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
        for (let at = 0; at < WORD_BYTES - 8; at += 4) target.setUint32(pointer + at, 0);
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
      const target = data();
      for (let at = 0; at < ADDRESS_OFFSET; at += 4) target.setUint32(pointer + at, 0);
      writeHex(current(), pointer + ADDRESS_OFFSET, value);
    },
  };
}

/** What a digit of lower-case hex is worth, by its character code. */
const DIGIT_VALUES = Uint8Array.from(
  { length: 128 },
  (_, code) => Math.max(0, "0123456789abcdef".indexOf(String.fromCharCode(code))),
);

/** Digit by digit: so short, it is done before a built-in function has begun. */
function writeHex(target: Uint8Array, pointer: number, value: Hash32 | Address): void {
  for (let at = 2; at < value.length; at += 2) {
    const high = DIGIT_VALUES[value.charCodeAt(at)] ?? 0;
    target[pointer++] = (high << 4) | (DIGIT_VALUES[value.charCodeAt(at + 1)] ?? 0);
  }
}
