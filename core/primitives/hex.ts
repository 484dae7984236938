/**
 * Hexadecimal text as Ethereum writes it: `0x` and lower case.
 *
 * Owns parsing, printing and the brands `Address` and `Hash32`. Does not own hashing.
 * @module
 */
import type { Brand } from "./brand.ts";
import { digitsToBytes } from "./bytes.ts";
import { RollupError } from "./errors.ts";

/** Text that starts with `0x`. */
export type Hex = `0x${string}`;
/** 20 bytes, lower-case hex. */
export type Address = Brand<Hex, "Address">;
/** 32 bytes, lower-case hex: a hash, a storage slot or a storage value. */
export type Hash32 = Brand<Hex, "Hash32">;

/** Codes that this file throws. */
export type HexErrorCode = "HEX_INVALID";

/** The bytes as `0x`-prefixed lower-case hex. */
export function bytesToHex(bytes: Uint8Array): Hex {
  return `0x${bytes.toHex()}`;
}

/**
 * The bytes that `hex` writes.
 *
 * @throws `HEX_INVALID` when the prefix is missing, a digit is not hex, or a nibble is left over.
 */
export function hexToBytes(hex: string): Uint8Array {
  const wanted = "whole bytes of hex after `0x`";
  if (!hex.startsWith("0x")) throw invalidHex(hex, wanted);
  try {
    // Strict by itself, and without the stack that a regular expression needs for long text.
    return digitsToBytes(hex.slice(2));
  } catch (cause) {
    throw invalidHex(hex, wanted, cause);
  }
}

/**
 * A checked address.
 *
 * @throws `HEX_INVALID` when `value` is not 20 bytes of hex.
 */
export function address(value: string): Address {
  if (!/^0x[0-9a-fA-F]{40}$/.test(value)) throw invalidHex(value, "a 20-byte address");
  // The check above is what the brand stands for.
  return value.toLowerCase() as Address;
}

/**
 * A checked 32-byte value.
 *
 * @throws `HEX_INVALID` when `value` is not 32 bytes of hex.
 */
export function hash32(value: string): Hash32 {
  if (!/^0x[0-9a-fA-F]{64}$/.test(value)) throw invalidHex(value, "32 bytes of hex");
  // The check above is what the brand stands for.
  return value.toLowerCase() as Hash32;
}

/** `bytes` as an address; they must be 20. */
export function bytesToAddress(bytes: Uint8Array): Address {
  const hex = bytesToHex(bytes);
  // Bytes print as lower-case hex, so the length is all that is left to check.
  return bytes.length === 20 ? hex as Address : address(hex);
}

/** `bytes` as a 32-byte value; they must be 32. */
export function bytesToHash32(bytes: Uint8Array): Hash32 {
  const hex = bytesToHex(bytes);
  // Bytes print as lower-case hex, so the length is all that is left to check.
  return bytes.length === 32 ? hex as Hash32 : hash32(hex);
}

/** 32 zero bytes: the absent value of the state, and the hash of nothing. */
export const ZERO_HASH: Hash32 = hash32(`0x${"00".repeat(32)}`);
/** 20 zero bytes. */
export const ZERO_ADDRESS: Address = address(`0x${"00".repeat(20)}`);

/** A non-negative integer as 32 big-endian bytes in hex. */
export function bigintToHash32(value: bigint): Hash32 {
  return hash32(`0x${value.toString(16).padStart(64, "0")}`);
}

/** The big-endian integer that 32 bytes write. */
export function hash32ToBigint(value: Hash32): bigint {
  return BigInt(value);
}

function invalidHex(value: string, wanted: string, cause?: unknown): RollupError<HexErrorCode> {
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  return new RollupError("HEX_INVALID", `Cannot read "${shown}" as ${wanted}`, {
    details: { value: shown },
    mend: `Give ${wanted}, written with a 0x prefix.`,
    cause,
  });
}
