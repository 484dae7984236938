/**
 * Points of curves as precompiles write them: affine coordinates, big-endian, zeros for infinity.
 *
 * Owns the checks that make bytes a point, and sums of multiples. Does not own how a coordinate is
 * laid out: that is each curve's.
 * @module
 */
import { type AffinePoint, mulAddUnsafe, pippenger } from "@noble/curves/abstract/curve.js";
import type { WeierstrassPoint, WeierstrassPointCons } from "@noble/curves/abstract/weierstrass.js";
import { bytesToBigint, concatBytes } from "../../primitives/bytes.ts";
import type { Steps } from "./steps.ts";

/** A curve together with the byte form of its field. */
export interface PointCodec<F> {
  readonly curve: WeierstrassPointCons<F>;
  /** Size of one coordinate. */
  readonly fieldBytes: number;
  /** The field element that `fieldBytes` bytes write; `undefined` when they write none. */
  readonly decodeField: (bytes: Uint8Array) => F | undefined;
  readonly encodeField: (element: F) => Uint8Array;
}

/** Terms from which buckets beat one table for each point; measured on BLS12-381. */
const BUCKETS_FROM_TERMS = 256;

/** Terms that are summed in one step. */
const TERMS_PER_SUM = 1_024;

/** The point that `bytes` write, in the subgroup or not; `undefined` when it is not on the curve. */
export function decodePoint<F>(
  codec: PointCodec<F>,
  bytes: Uint8Array,
): WeierstrassPoint<F> | undefined {
  const { curve, fieldBytes } = codec;
  const x = codec.decodeField(bytes.subarray(0, fieldBytes));
  const y = codec.decodeField(bytes.subarray(fieldBytes, 2 * fieldBytes));
  if (x === undefined || y === undefined) return undefined;
  const { Fp } = curve;
  if (Fp.is0(x) && Fp.is0(y)) return curve.ZERO;
  // The curves here have a = 0; the library itself checks the equation together with the subgroup
  // only, which additions do not ask for.
  const right = Fp.add(Fp.mul(Fp.sqr(x), x), curve.CURVE().b);
  if (!Fp.eql(Fp.sqr(y), right)) return undefined;
  return curve.fromAffine({ x, y });
}

/** The point of the prime-order subgroup that `bytes` write; `undefined` when they write none. */
export function decodeGroupPoint<F>(
  codec: PointCodec<F>,
  bytes: Uint8Array,
): WeierstrassPoint<F> | undefined {
  const point = decodePoint(codec, bytes);
  if (point === undefined || point.is0() || point.isTorsionFree()) return point;
  return undefined;
}

/** The coordinates one after the other; zeros for infinity. */
export function encodeAffine<F>(codec: PointCodec<F>, { x, y }: AffinePoint<F>): Uint8Array {
  return concatBytes(codec.encodeField(x), codec.encodeField(y));
}

/** The sum of two points, neither of which need be in the subgroup. */
export function addPoints<F>(codec: PointCodec<F>, input: Uint8Array): Uint8Array | undefined {
  const pointBytes = 2 * codec.fieldBytes;
  const left = decodePoint(codec, input.subarray(0, pointBytes));
  const right = decodePoint(codec, input.subarray(pointBytes, 2 * pointBytes));
  if (left === undefined || right === undefined) return undefined;
  return encodeAffine(codec, left.add(right).toAffine());
}

/** The sum of multiples: each term is a point of the subgroup and a scalar of 32 bytes. */
export function* sumMultiples<F>(
  codec: PointCodec<F>,
  input: Uint8Array,
): Steps<Uint8Array | undefined> {
  const { curve, fieldBytes } = codec;
  const pointBytes = 2 * fieldBytes;
  const termBytes = pointBytes + 32;
  const points: WeierstrassPoint<F>[] = [];
  const scalars: bigint[] = [];
  for (let offset = 0; offset < input.length; offset += termBytes) {
    yield;
    const term = input.subarray(offset, offset + termBytes);
    const point = decodeGroupPoint(codec, term);
    if (point === undefined) return undefined;
    // Scalars may be any 256 bits; multiples of the order change nothing in the subgroup.
    const scalar = bytesToBigint(term.subarray(pointBytes)) % curve.Fn.ORDER;
    if (point.is0() || scalar === 0n) continue;
    points.push(point);
    scalars.push(scalar);
  }
  let total: WeierstrassPoint<F> = curve.ZERO;
  for (let from = 0; from < points.length; from += TERMS_PER_SUM) {
    yield;
    const some = points.slice(from, from + TERMS_PER_SUM);
    const sum = some.length < BUCKETS_FROM_TERMS ? mulAddUnsafe : pippenger;
    total = total.add(sum(curve, some, scalars.slice(from, from + TERMS_PER_SUM)));
  }
  return encodeAffine(codec, total.toAffine());
}
