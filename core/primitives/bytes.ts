/**
 * Byte strings: joining, comparing, and big-endian integers in them.
 *
 * Owns what every codec needs. Does not own hex (`hex.ts`) or RLP (`rlp.ts`).
 * @module
 */
import { assert, RollupError } from "./errors.ts";

/** Codes that this file throws. */
export type BytesErrorCode = "BYTES_TRUNCATED";

/** No bytes. */
export const EMPTY_BYTES: Uint8Array = new Uint8Array(0);

/** What small byte strings are cut from, and how large one may be. */
const SLAB_BYTES = 8_192;
const MAX_CUT_BYTES = 512;
let slab = new ArrayBuffer(SLAB_BYTES);
let slabUsedBytes = 0;

/**
 * `sizeBytes` zero bytes. Small ones are cut from a buffer that they share, as one buffer each takes
 * four allocations outside the heap, ten times what the bytes themselves take. So `buffer` of the
 * answer is not its own: views name `byteOffset`, what serializes whole buffers copies first, and
 * what lives long does not hold on to a few bytes of many buffers.
 */
export function allocateBytes(sizeBytes: number): Uint8Array<ArrayBuffer> {
  if (sizeBytes > MAX_CUT_BYTES) return new Uint8Array(sizeBytes);
  if (slabUsedBytes + sizeBytes > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    slabUsedBytes = 0;
  }
  const bytes = new Uint8Array(slab, slabUsedBytes, sizeBytes);
  slabUsedBytes += sizeBytes;
  return bytes;
}

/** A copy of `bytes` from `start` to before `end`, cut to what there is. */
export function copyBytes(
  bytes: Uint8Array,
  start = 0,
  end = bytes.length,
): Uint8Array<ArrayBuffer> {
  const from = Math.min(start, bytes.length);
  const sizeBytes = Math.max(0, Math.min(end, bytes.length) - from);
  const copy = allocateBytes(sizeBytes);
  if (sizeBytes > MAX_LOOP_BYTES) copy.set(bytes.subarray(from, from + sizeBytes));
  else for (let at = 0; at < sizeBytes; at++) copy[at] = bytes[from + at] ?? 0;
  return copy;
}

/** Up to here a loop is faster than what `set` costs before its first byte. */
const MAX_LOOP_BYTES = 64;

/** A copy that has its buffer for itself, or `bytes` when they have: for what takes buffers whole. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}

/** The bytes that pairs of hex digits write. @throws `SyntaxError` when they are not that. */
export function digitsToBytes(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = allocateBytes(digits.length >> 1);
  bytes.setFromHex(digits);
  return bytes;
}

/** The parts one after another. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** The parts one after another; for lists, as an argument list has a bound of its own. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = allocateBytes(size);
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Whether both hold the same bytes. Not constant time: nothing here is secret. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return compareBytes(left, right) === 0;
}

/** Lexicographic order: negative, zero or positive. */
export function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** `value` as exactly `sizeBytes` big-endian bytes. */
export function bigintToBytes(value: bigint, sizeBytes: number): Uint8Array {
  assert(value >= 0n && value < 1n << BigInt(8 * sizeBytes), "the integer fits its field");
  return digitsToBytes(value.toString(16).padStart(2 * sizeBytes, "0"));
}

/** Integers of so many bytes are exact as doubles, which are put together without text. */
const MAX_DOUBLE_BYTES = 6;
const MAX_DOUBLE_INTEGER = (1n << 48n) - 1n;

/** The big-endian integer that `bytes` write; 0 for none. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  if (bytes.length > MAX_DOUBLE_BYTES) return BigInt(`0x${bytes.toHex()}`);
  let value = 0;
  for (let at = 0; at < bytes.length; at++) value = 256 * value + (bytes[at] ?? 0);
  return BigInt(value);
}

/** `value` as big-endian bytes without leading zeros; empty for 0. */
export function bigintToMinimalBytes(value: bigint): Uint8Array {
  assert(value >= 0n, "only non-negative integers have a byte form");
  if (value === 0n) return EMPTY_BYTES;
  if (value <= MAX_DOUBLE_INTEGER) return countToMinimalBytes(Number(value));
  const hex = value.toString(16);
  return digitsToBytes(hex.length % 2 === 0 ? hex : `0${hex}`);
}

/** {@linkcode bigintToMinimalBytes} of a double. */
export function countToMinimalBytes(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, "a count is a whole number, exact as a double");
  if (value === 0) return EMPTY_BYTES;
  let sizeBytes = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) sizeBytes++;
  const bytes = allocateBytes(sizeBytes);
  let rest = value;
  for (let at = sizeBytes - 1; at >= 0; at--) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

/** Reads fields off a byte string from front to back; every read is bounded. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  remainingBytes(): number {
    return this.#bytes.length - this.#offset;
  }

  /** The next byte without taking it, or -1 at the end. */
  peek(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /**
   * The next `sizeBytes` bytes.
   *
   * @throws `BYTES_TRUNCATED` when fewer are left.
   */
  take(sizeBytes: number): Uint8Array {
    if (sizeBytes > this.remainingBytes()) {
      throw new RollupError<BytesErrorCode>(
        "BYTES_TRUNCATED",
        `Cannot read ${sizeBytes} bytes at offset ${this.#offset}: ${this.remainingBytes()} are left`,
        {
          details: { sizeBytes, offset: this.#offset, totalBytes: this.#bytes.length },
          mend: "Give the whole byte string; it ends too early.",
        },
      );
    }
    const taken = copyBytes(this.#bytes, this.#offset, this.#offset + sizeBytes);
    this.#offset += sizeBytes;
    return taken;
  }

  /** The next `sizeBytes` bytes as a big-endian integer. */
  takeUint(sizeBytes: number): bigint {
    return bytesToBigint(this.take(sizeBytes));
  }

  /** The next `sizeBytes` (at most 6) bytes as a big-endian `number`: lengths and counts only. */
  takeLength(sizeBytes: number): number {
    assert(sizeBytes <= 6, "lengths fit a double exactly");
    return Number(this.takeUint(sizeBytes));
  }
}
