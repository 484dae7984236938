/**
 * KoalaBear (p = 2^31 - 2^24 + 1) on four lanes at once, Montgomery form with R = 2^32.
 *
 * A lane is "reduced" when it is in [0, p) and "signed" when it is in [-p, p).
 */

export const P: i32 = 0x7f000001;
/** p^-1 mod 2^32: p * 0x81000001 = 1 + 2^32 * k. */
const P_INVERSE: i32 = 0x81000001;
/** 2^64 mod p: a Montgomery product with it enters Montgomery form. */
const R_SQUARED: i32 = 0x17f7efe4;

/** Signed Montgomery product: |a * b| < 2^31 * p in, (-p, p) out. */

export function multiplySigned(a: v128, b: v128): v128 {
  const low = i64x2.extmul_low_i32x4_s(a, b);
  const high = i64x2.extmul_high_i32x4_s(a, b);
  const quotient = i32x4.mul(
    v128.shuffle<i32>(low, high, 0, 2, 4, 6),
    i32x4.splat(P_INVERSE),
  );
  const p = i32x4.splat(P);
  // Both products agree in their low words, so the difference of the high words is exact.
  return i32x4.sub(
    v128.shuffle<i32>(low, high, 1, 3, 5, 7),
    v128.shuffle<i32>(
      i64x2.extmul_low_i32x4_s(quotient, p),
      i64x2.extmul_high_i32x4_s(quotient, p),
      1,
      3,
      5,
      7,
    ),
  );
}

/** Signed to reduced: a negative lane is a large unsigned one, so the smaller is the right one. */

export function reduce(a: v128): v128 {
  return i32x4.min_u(a, i32x4.add(a, i32x4.splat(P)));
}

/** Reduced sum of reduced lanes. */

export function add(a: v128, b: v128): v128 {
  const sum = i32x4.add(a, b);
  return i32x4.min_u(sum, i32x4.sub(sum, i32x4.splat(P)));
}

/** Reduced difference of reduced lanes. */

export function sub(a: v128, b: v128): v128 {
  return reduce(i32x4.sub(a, b));
}

export function double(a: v128): v128 {
  return add(a, a);
}

/** a / 2 of a reduced lane: odd lanes take (p + 1) / 2 more than their floor. */

export function halve(a: v128): v128 {
  const odd = i32x4.neg(v128.and(a, i32x4.splat(1)));
  return i32x4.add(i32x4.shr_u(a, 1), v128.and(odd, i32x4.splat((P + 1) >> 1)));
}

/**
 * a / 2^k of a reduced lane, k <= 24. As p is 1 mod 2^24, a - low * p is divisible by 2^k where low
 * is a mod 2^k; the quotient is floor(a / 2^k) - low * 127 * 2^(24 - k).
 */

export function divide2Exp(a: v128, k: i32): v128 {
  const low = i32x4.shl(a, 32 - k);
  const correction = i32x4.sub(i32x4.shr_u(low, 1), i32x4.shr_u(low, 8));
  return reduce(i32x4.sub(i32x4.shr_u(a, k), correction));
}

/** The cube of a signed lane, reduced. */

export function cube(a: v128): v128 {
  return reduce(multiplySigned(multiplySigned(a, a), a));
}

/** Canonical (reduced) to Montgomery form. */

export function toMontgomery(a: v128): v128 {
  return reduce(multiplySigned(a, i32x4.splat(R_SQUARED)));
}

/** Montgomery form to canonical (reduced). */

export function fromMontgomery(a: v128): v128 {
  return reduce(multiplySigned(a, i32x4.splat(1)));
}
