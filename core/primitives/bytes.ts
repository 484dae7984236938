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

/** The parts one after another. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return joinBytes(parts);
}

/** The parts one after another; for lists, as an argument list has a bound of its own. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const joined = new Uint8Array(size);
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
  return Uint8Array.fromHex(value.toString(16).padStart(2 * sizeBytes, "0"));
}

/** The big-endian integer that `bytes` write; 0 for none. */
export function bytesToBigint(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toHex()}`);
}

/** `value` as big-endian bytes without leading zeros; empty for 0. */
export function bigintToMinimalBytes(value: bigint): Uint8Array {
  assert(value >= 0n, "only non-negative integers have a byte form");
  if (value === 0n) return EMPTY_BYTES;
  const hex = value.toString(16);
  return Uint8Array.fromHex(hex.length % 2 === 0 ? hex : `0${hex}`);
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
    const taken = this.#bytes.slice(this.#offset, this.#offset + sizeBytes);
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
