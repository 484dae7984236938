/**
 * Pairing checks of precompiles 0x08 and 0x0f, which differ in their curves only.
 *
 * @module
 */
import type { BlsCurvePair } from "@noble/curves/abstract/bls.js";
import type { Fp2 } from "@noble/curves/abstract/tower.js";
import { bigintToBytes } from "../../primitives/bytes.ts";
import { decodeGroupPoint, type PointCodec } from "./crypto_points.ts";
import type { Steps } from "./steps.ts";

/** Two groups and what they pair with. */
export interface PairingCodec {
  readonly pair: BlsCurvePair;
  readonly g1: PointCodec<bigint>;
  readonly g2: PointCodec<Fp2>;
}

/** Pairs of one step. */
const TERMS_PER_LOOP = 64;

type LineTerms = Parameters<BlsCurvePair["millerLoopBatch"]>[0][number];

/**
 * Whether the product of the pairings of all pairs (G1 point, G2 point) is one, as a 32-byte word;
 * `undefined` when a point is not of its group.
 */
export function* checkPairings(
  codec: PairingCodec,
  input: Uint8Array,
): Steps<Uint8Array | undefined> {
  const { pair, g1, g2 } = codec;
  const g1Bytes = 2 * g1.fieldBytes;
  const pairBytes = g1Bytes + 2 * g2.fieldBytes;
  const terms: LineTerms[] = [];
  for (let offset = 0; offset < input.length; offset += pairBytes) {
    yield;
    const left = decodeGroupPoint(g1, input.subarray(offset, offset + g1Bytes));
    if (left === undefined) return undefined;
    const right = decodeGroupPoint(g2, input.subarray(offset + g1Bytes, offset + pairBytes));
    if (right === undefined) return undefined;
    // A pairing with infinity is one; the library refuses to compute it.
    if (left.is0() || right.is0()) continue;
    // Below the library's own batch, which would check the subgroups a second time.
    const { x, y } = left.toAffine();
    terms.push([pair.utils.calcPairingPrecomputes(right), x, y]);
  }
  const { Fp12 } = pair.fields;
  let product = Fp12.ONE;
  // A batch shares its squarings; few are enough for most of the gain.
  for (let from = 0; from < terms.length; from += TERMS_PER_LOOP) {
    yield;
    const loop = pair.millerLoopBatch(terms.slice(from, from + TERMS_PER_LOOP));
    product = Fp12.mul(product, loop);
  }
  product = Fp12.finalExponentiate(product);
  return bigintToBytes(Fp12.eql(product, Fp12.ONE) ? 1n : 0n, 32);
}
