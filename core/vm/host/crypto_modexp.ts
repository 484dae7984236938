/**
 * Powers modulo a number, for precompile 0x05 (EIP-198).
 *
 * Owns reading the operands and the arithmetic. Does not own bounds or gas: the program lets only
 * paid sizes through.
 * @module
 */
import { bytesToBigint } from "../../primitives/bytes.ts";

const LENGTH_BYTES = 32;
const HEADER_BYTES = 3 * LENGTH_BYTES;
const WINDOW_BITS = 4;
/**
 * Lengths from here on read alike: what follows them is past the end of any input, and so zero. Only
 * an exponent can be as long; the program holds the others to sizes that fit memory.
 */
const LONGEST = 1n << 48n;

/**
 * `base ** exponent % modulus` in as many bytes as the modulus has.
 *
 * `input` is the three lengths, base, exponent and modulus; what is missing at its end is zeros.
 */
export function raiseModulo(input: Uint8Array): Uint8Array {
  const baseBytes = readLength(input, 0);
  const exponentBytes = readLength(input, LENGTH_BYTES);
  const modulusBytes = readLength(input, 2 * LENGTH_BYTES);
  const exponentStart = HEADER_BYTES + baseBytes;
  const modulusStart = exponentStart + exponentBytes;

  const result = new Uint8Array(modulusBytes);
  const modulus = readNumber(input, modulusStart, modulusBytes);
  // By definition of the precompile; 1 needs no arithmetic either.
  if (modulus <= 1n) return result;
  const base = readNumber(input, HEADER_BYTES, baseBytes) % modulus;
  const exponent = {
    bytes: input.subarray(exponentStart, Math.min(modulusStart, input.length)),
    sizeBytes: exponentBytes,
  };
  const hex = power(base, exponent, modulus).toString(16);
  const digits = hex.length % 2 === 0 ? hex : `0${hex}`;
  result.set(Uint8Array.fromHex(digits), modulusBytes - digits.length / 2);
  return result;
}

/** An exponent of `sizeBytes` bytes, of which those after `bytes` are zero. */
interface Exponent {
  readonly bytes: Uint8Array;
  readonly sizeBytes: number;
}

/** Four bits at a time, from the most significant on. */
function power(base: bigint, exponent: Exponent, modulus: bigint): bigint {
  const { bytes, sizeBytes } = exponent;
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return 1n;
  const powers = [1n, base];
  for (let index = 2; index < 1 << WINDOW_BITS; index++) {
    powers.push((powers[index - 1] ?? 0n) * base % modulus);
  }
  let result = 1n;
  for (let index = first; index < sizeBytes; index++) {
    const byte = bytes[index] ?? 0;
    for (const window of [byte >> WINDOW_BITS, byte & 0xf]) {
      // Squares of one stay one: leading zeros cost nothing.
      if (result !== 1n) {
        for (let bit = 0; bit < WINDOW_BITS; bit++) result = result * result % modulus;
        // No power leaves zero again.
        if (result === 0n) return 0n;
      }
      if (window !== 0) result = result * (powers[window] ?? 0n) % modulus;
    }
  }
  return result;
}

function readLength(input: Uint8Array, offset: number): number {
  const length = readNumber(input, offset, LENGTH_BYTES);
  return length < LONGEST ? Number(length) : Number(LONGEST);
}

/** The `sizeBytes` big-endian bytes at `offset`; those after the end of `input` are zero. */
function readNumber(input: Uint8Array, offset: number, sizeBytes: number): bigint {
  const present = input.subarray(offset, offset + sizeBytes);
  return bytesToBigint(present) << BigInt(8 * (sizeBytes - present.length));
}
