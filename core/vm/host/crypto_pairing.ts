/**
 * Pairing checks of precompiles 0x08 and 0x0f, which differ in their curves only.
 *
 * @module
 */
import type { BlsCurvePair } from "@noble/curves/abstract/bls.js";
import type { Fp2 } from "@noble/curves/abstract/tower.js";
import { bigintToBytes } from "../../primitives/bytes.ts";
import { decodeGroupPoint, type PointCodec } from "./crypto_points.ts";

/** Two groups and what they pair with. */
export interface PairingCodec {
  readonly pair: BlsCurvePair;
  readonly g1: PointCodec<bigint>;
  readonly g2: PointCodec<Fp2>;
}

type LineTerms = Parameters<BlsCurvePair["millerLoopBatch"]>[0][number];

/**
 * Whether the product of the pairings of all pairs (G1 point, G2 point) is one, as a 32-byte word;
 * `undefined` when a point is not of its group.
 */
export function checkPairings(codec: PairingCodec, input: Uint8Array): Uint8Array | undefined {
  const { pair, g1, g2 } = codec;
  const g1Bytes = 2 * g1.fieldBytes;
  const pairBytes = g1Bytes + 2 * g2.fieldBytes;
  const terms: LineTerms[] = [];
  for (let offset = 0; offset < input.length; offset += pairBytes) {
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
  const product = Fp12.finalExponentiate(pair.millerLoopBatch(terms));
  return bigintToBytes(Fp12.eql(product, Fp12.ONE) ? 1n : 0n, 32);
}
