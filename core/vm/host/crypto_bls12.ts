/**
 * The curve of precompiles 0x0b to 0x11 (EIP-2537).
 *
 * Owns the byte form of its field elements. Does not own lengths of inputs or gas.
 * @module
 */
import type { AffinePoint } from "@noble/curves/abstract/curve.js";
import type { Fp2 } from "@noble/curves/abstract/tower.js";
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bigintToBytes, bytesToBigint, concatBytes } from "../../primitives/bytes.ts";
import { checkPairings, type PairingCodec } from "./crypto_pairing.ts";
import { addPoints, encodeAffine, type PointCodec, sumMultiples } from "./crypto_points.ts";
import type { Steps } from "./steps.ts";

/** 381 bits, right-aligned. */
const FIELD_BYTES = 64;
const { Fp } = bls12_381.fields;

const G1: PointCodec<bigint> = {
  curve: bls12_381.G1.Point,
  fieldBytes: FIELD_BYTES,
  decodeField,
  encodeField,
};

const G2: PointCodec<Fp2> = {
  curve: bls12_381.G2.Point,
  fieldBytes: 2 * FIELD_BYTES,
  decodeField: decodeFp2,
  encodeField: ({ c0, c1 }) => concatBytes(encodeField(c0), encodeField(c1)),
};

const PAIRING: PairingCodec = { pair: bls12_381, g1: G1, g2: G2 };

// The library declares a list here and takes one number only; a test holds it to that.
const mapToG1 = bls12_381.G1.mapToCurve as unknown as (element: bigint) => AffinePoint<bigint>;

/** 256 bytes, two points of the curve of G1. */
export function addBls12G1(input: Uint8Array): Uint8Array | undefined {
  return addPoints(G1, input);
}

/** 160 bytes for each term. */
export function sumBls12G1(input: Uint8Array): Steps<Uint8Array | undefined> {
  return sumMultiples(G1, input);
}

/** 512 bytes, two points of the curve of G2. */
export function addBls12G2(input: Uint8Array): Uint8Array | undefined {
  return addPoints(G2, input);
}

/** 288 bytes for each term. */
export function sumBls12G2(input: Uint8Array): Steps<Uint8Array | undefined> {
  return sumMultiples(G2, input);
}

/** 384 bytes for each pair. */
export function checkPairingsBls12(input: Uint8Array): Steps<Uint8Array | undefined> {
  return checkPairings(PAIRING, input);
}

/** 64 bytes, an element of the base field. */
export function mapBls12ToG1(input: Uint8Array): Uint8Array | undefined {
  const element = decodeField(input);
  if (element === undefined) return undefined;
  return encodeAffine(G1, mapToG1(element));
}

/** 128 bytes, an element of the quadratic extension. */
export function mapBls12ToG2(input: Uint8Array): Uint8Array | undefined {
  const element = decodeFp2(input);
  if (element === undefined) return undefined;
  return encodeAffine(G2, bls12_381.G2.mapToCurve([element.c0, element.c1]));
}

/** The bytes above the 381 bits must be zero, which the bound says. */
function decodeField(bytes: Uint8Array): bigint | undefined {
  const value = bytesToBigint(bytes);
  return value < Fp.ORDER ? value : undefined;
}

function decodeFp2(bytes: Uint8Array): Fp2 | undefined {
  const c0 = decodeField(bytes.subarray(0, FIELD_BYTES));
  const c1 = decodeField(bytes.subarray(FIELD_BYTES));
  return c0 === undefined || c1 === undefined ? undefined : { c0, c1 };
}

function encodeField(element: bigint): Uint8Array {
  return bigintToBytes(element, FIELD_BYTES);
}
