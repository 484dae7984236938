/**
 * The curve of precompiles 0x06 to 0x08 (EIP-196, EIP-197).
 *
 * Owns the byte form of its field elements. Does not own lengths of inputs or gas.
 * @module
 */
import type { Fp2 } from "@noble/curves/abstract/tower.js";
import { bn254 } from "@noble/curves/bn254.js";
import { bigintToBytes, bytesToBigint, concatBytes } from "../../primitives/bytes.ts";
import { checkPairings, type PairingCodec } from "./crypto_pairing.ts";
import { addPoints, type PointCodec, sumMultiples } from "./crypto_points.ts";
import { runSteps, type Steps } from "./steps.ts";

const FIELD_BYTES = 32;
const { Fp } = bn254.fields;

const G1: PointCodec<bigint> = {
  curve: bn254.G1.Point,
  fieldBytes: FIELD_BYTES,
  decodeField,
  encodeField,
};

const G2: PointCodec<Fp2> = {
  curve: bn254.G2.Point,
  fieldBytes: 2 * FIELD_BYTES,
  // The imaginary part is first.
  decodeField: (bytes) => {
    const c1 = decodeField(bytes.subarray(0, FIELD_BYTES));
    const c0 = decodeField(bytes.subarray(FIELD_BYTES));
    return c0 === undefined || c1 === undefined ? undefined : { c0, c1 };
  },
  encodeField: ({ c0, c1 }) => concatBytes(encodeField(c1), encodeField(c0)),
};

const PAIRING: PairingCodec = { pair: bn254, g1: G1, g2: G2 };

/** EIP-196: 128 bytes, two points of G1. */
export function addBn254(input: Uint8Array): Uint8Array | undefined {
  return addPoints(G1, input);
}

/** EIP-196: 96 bytes, a point of G1 and a scalar. */
export function multiplyBn254(input: Uint8Array): Uint8Array | undefined {
  return runSteps(sumMultiples(G1, input));
}

/** EIP-197: 192 bytes for each pair. */
export function checkPairingsBn254(input: Uint8Array): Steps<Uint8Array | undefined> {
  return checkPairings(PAIRING, input);
}

function decodeField(bytes: Uint8Array): bigint | undefined {
  const value = bytesToBigint(bytes);
  return value < Fp.ORDER ? value : undefined;
}

function encodeField(element: bigint): Uint8Array {
  return bigintToBytes(element, FIELD_BYTES);
}
