/**
 * Signature precompiles: ecrecover (0x01) and P256VERIFY (0x100, EIP-7951).
 *
 * Both answer a bad signature with no output instead of a failure.
 * @module
 */
import { p256 } from "@noble/curves/nist.js";
import { recoverAddress } from "../../crypto/secp256k1.ts";
import { bigintToBytes, bytesToBigint, concatBytes, EMPTY_BYTES } from "../../primitives/bytes.ts";
import { hexToBytes } from "../../primitives/hex.ts";

/** The lower of the two values of `v`. */
const V_OFFSET = 27n;
/** SEC 1: what follows is both coordinates. */
const UNCOMPRESSED = Uint8Array.of(4);

/** 128 bytes (digest, v, r, s) to the address in a word, or to nothing. */
export function recoverSigner(input: Uint8Array): Uint8Array {
  const v = bytesToBigint(input.subarray(32, 64));
  if (v !== V_OFFSET && v !== V_OFFSET + 1n) return EMPTY_BYTES;
  const signer = recoverAddress(input.subarray(0, 32), {
    yParity: Number(v - V_OFFSET),
    r: bytesToBigint(input.subarray(64, 96)),
    s: bytesToBigint(input.subarray(96, 128)),
  });
  if (signer === undefined) return EMPTY_BYTES;
  return concatBytes(new Uint8Array(12), hexToBytes(signer));
}

/** 160 bytes (digest, r, s, x, y) to the word 1, or to nothing. */
export function verifyP256(input: Uint8Array): Uint8Array {
  const digest = input.subarray(0, 32);
  const signature = input.subarray(32, 96);
  const publicKey = concatBytes(UNCOMPRESSED, input.subarray(96, 160));
  // The library answers false for r, s or a key out of range. It reads lower halves of s only
  // unless told; here both are good.
  const isGood = p256.verify(signature, digest, publicKey, { prehash: false, lowS: false });
  return isGood ? bigintToBytes(1n, 32) : EMPTY_BYTES;
}
