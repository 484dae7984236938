/**
 * Two elements of the field at a time: the steps of a point's sum come in twos that need nothing of
 * each other.
 *
 * A pair is ten limbs of the one (`field.ts`) between those of the other, 80 bytes. Magnitudes are
 * those of the field's operations.
 */

/** Bytes of a pair. */
export const PAIR: usize = 80;
/** From a limb of an element in a pair to its next one, and to the same limb of the other. */
const PAIR_STEP: usize = 8;
export const OTHER: usize = 4;

const MASKS = i64x2.splat(0x3ffffff);
const TOP_MASKS = i64x2.splat(0x3fffff);
/** 2^260 mod p is 2^36 + 0x3d10; the upper part is a shift by 10, one limb up. */
const FOLDS = i32x4.splat(0x3d10);

// @ts-ignore: a decorator of AssemblyScript
@inline
function times(a: v128, b: v128): v128 {
  return i64x2.extmul_low_i32x4_u(a, b);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function plus(a: v128, b: v128): v128 {
  return i64x2.add(a, b);
}

/** 0x3d10 times both, which are below 2^32. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function timesFold(value: v128): v128 {
  return times(i32x4.shuffle(value, value, 0, 2, 0, 2), FOLDS);
}

/** The lowest 26 bits of both as limbs. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function storeLimb(r: usize, value: v128, offset: usize): void {
  storeWhole(r, v128.and(value, MASKS), offset);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function storeWhole(r: usize, value: v128, offset: usize): void {
  v128.store_lane<u64>(r + offset, i32x4.shuffle(value, value, 0, 2, 0, 2), 0);
}

/** Carries into the last limbs of two products, as `finish` of `field.ts` does for one. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(r: usize, t0: v128, t1: v128, t2: v128, low: v128, high: v128): void {
  storeWhole(r, v128.and(low, TOP_MASKS), 72);
  const top = plus(i64x2.shr_u(low, 22), i64x2.shl(high, 14));
  // 977 = 1024 - 32 - 16 + 1: the product of a wider number needs no multiplication.
  const less = plus(i64x2.shl(top, 5), i64x2.shl(top, 4));
  let carry = plus(t0, i64x2.sub(plus(i64x2.shl(top, 10), top), less));
  storeLimb(r, carry, 0);
  carry = plus(plus(i64x2.shr_u(carry, 26), t1), i64x2.shl(top, 6));
  storeLimb(r, carry, 8);
  storeWhole(r, plus(i64x2.shr_u(carry, 26), t2), 16);
}

/** r = a * b, each with each; both of magnitude 8 at most, the products of 1. All three may be the same. */
export function multiplyPairs(r: usize, a: usize, b: usize): void {
  const a0 = v128.load_zero<u64>(a, 0);
  const a1 = v128.load_zero<u64>(a, 8);
  const a2 = v128.load_zero<u64>(a, 16);
  const a3 = v128.load_zero<u64>(a, 24);
  const a4 = v128.load_zero<u64>(a, 32);
  const a5 = v128.load_zero<u64>(a, 40);
  const a6 = v128.load_zero<u64>(a, 48);
  const a7 = v128.load_zero<u64>(a, 56);
  const a8 = v128.load_zero<u64>(a, 64);
  const a9 = v128.load_zero<u64>(a, 72);
  const b0 = v128.load_zero<u64>(b, 0);
  const b1 = v128.load_zero<u64>(b, 8);
  const b2 = v128.load_zero<u64>(b, 16);
  const b3 = v128.load_zero<u64>(b, 24);
  const b4 = v128.load_zero<u64>(b, 32);
  const b5 = v128.load_zero<u64>(b, 40);
  const b6 = v128.load_zero<u64>(b, 48);
  const b7 = v128.load_zero<u64>(b, 56);
  const b8 = v128.load_zero<u64>(b, 64);
  const b9 = v128.load_zero<u64>(b, 72);
  let high = plus(plus(plus(plus(times(a0, b9), times(a1, b8)), plus(times(a2, b7), times(a3, b6))), plus(plus(times(a4, b5), times(a5, b4)), plus(times(a6, b3), times(a7, b2)))), plus(times(a8, b1), times(a9, b0)));
  const t9 = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  let low = i64x2.splat(0);
  let fold: v128;
  high = plus(high, plus(plus(plus(plus(times(a1, b9), times(a2, b8)), plus(times(a3, b7), times(a4, b6))), plus(plus(times(a5, b5), times(a6, b4)), plus(times(a7, b3), times(a8, b2)))), times(a9, b1)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, times(a0, b0)), timesFold(fold));
  const t0 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(plus(times(a2, b9), times(a3, b8)), plus(times(a4, b7), times(a5, b6))), plus(plus(times(a6, b5), times(a7, b4)), plus(times(a8, b3), times(a9, b2)))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(times(a0, b1), times(a1, b0))), timesFold(fold));
  const t1 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(plus(times(a3, b9), times(a4, b8)), plus(times(a5, b7), times(a6, b6))), plus(plus(times(a7, b5), times(a8, b4)), times(a9, b3))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(a0, b2), times(a1, b1)), times(a2, b0))), timesFold(fold));
  const t2 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(plus(times(a4, b9), times(a5, b8)), plus(times(a6, b7), times(a7, b6))), plus(times(a8, b5), times(a9, b4))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(a0, b3), times(a1, b2)), plus(times(a2, b1), times(a3, b0)))), timesFold(fold));
  storeLimb(r, low, 24);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(plus(times(a5, b9), times(a6, b8)), plus(times(a7, b7), times(a8, b6))), times(a9, b5)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(times(a0, b4), times(a1, b3)), plus(times(a2, b2), times(a3, b1))), times(a4, b0))), timesFold(fold));
  storeLimb(r, low, 32);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(a6, b9), times(a7, b8)), plus(times(a8, b7), times(a9, b6))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(times(a0, b5), times(a1, b4)), plus(times(a2, b3), times(a3, b2))), plus(times(a4, b1), times(a5, b0)))), timesFold(fold));
  storeLimb(r, low, 40);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(a7, b9), times(a8, b8)), times(a9, b7)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(times(a0, b6), times(a1, b5)), plus(times(a2, b4), times(a3, b3))), plus(plus(times(a4, b2), times(a5, b1)), times(a6, b0)))), timesFold(fold));
  storeLimb(r, low, 48);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(times(a8, b9), times(a9, b8)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(times(a0, b7), times(a1, b6)), plus(times(a2, b5), times(a3, b4))), plus(plus(times(a4, b3), times(a5, b2)), plus(times(a6, b1), times(a7, b0))))), timesFold(fold));
  storeLimb(r, low, 56);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, times(a9, b9));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(plus(times(a0, b8), times(a1, b7)), plus(times(a2, b6), times(a3, b5))), plus(plus(times(a4, b4), times(a5, b3)), plus(times(a6, b2), times(a7, b1)))), times(a8, b0))), timesFold(fold));
  storeLimb(r, low, 64);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  finish(r, t0, t1, t2, plus(plus(low, t9), timesFold(high)), high);
}

/** r = a * a, each; a of magnitude 8 at most, the squares of 1. Both may be the same. */
export function squarePairs(r: usize, a: usize): void {
  const a0 = v128.load_zero<u64>(a, 0);
  const a1 = v128.load_zero<u64>(a, 8);
  const a2 = v128.load_zero<u64>(a, 16);
  const a3 = v128.load_zero<u64>(a, 24);
  const a4 = v128.load_zero<u64>(a, 32);
  const a5 = v128.load_zero<u64>(a, 40);
  const a6 = v128.load_zero<u64>(a, 48);
  const a7 = v128.load_zero<u64>(a, 56);
  const a8 = v128.load_zero<u64>(a, 64);
  const a9 = v128.load_zero<u64>(a, 72);
  const d0 = i32x4.shl(a0, 1);
  const d1 = i32x4.shl(a1, 1);
  const d2 = i32x4.shl(a2, 1);
  const d3 = i32x4.shl(a3, 1);
  const d4 = i32x4.shl(a4, 1);
  const d5 = i32x4.shl(a5, 1);
  const d6 = i32x4.shl(a6, 1);
  const d7 = i32x4.shl(a7, 1);
  const d8 = i32x4.shl(a8, 1);
  let high = plus(plus(plus(times(d0, a9), times(d1, a8)), plus(times(d2, a7), times(d3, a6))), times(d4, a5));
  const t9 = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  let low = i64x2.splat(0);
  let fold: v128;
  high = plus(high, plus(plus(plus(times(d1, a9), times(d2, a8)), plus(times(d3, a7), times(d4, a6))), times(a5, a5)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, times(a0, a0)), timesFold(fold));
  const t0 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(d2, a9), times(d3, a8)), plus(times(d4, a7), times(d5, a6))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, times(d0, a1)), timesFold(fold));
  const t1 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(d3, a9), times(d4, a8)), plus(times(d5, a7), times(a6, a6))));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(times(d0, a2), times(a1, a1))), timesFold(fold));
  const t2 = v128.and(low, MASKS);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(d4, a9), times(d5, a8)), times(d6, a7)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(times(d0, a3), times(d1, a2))), timesFold(fold));
  storeLimb(r, low, 24);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(plus(times(d5, a9), times(d6, a8)), times(a7, a7)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(d0, a4), times(d1, a3)), times(a2, a2))), timesFold(fold));
  storeLimb(r, low, 32);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(times(d6, a9), times(d7, a8)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(d0, a5), times(d1, a4)), times(d2, a3))), timesFold(fold));
  storeLimb(r, low, 40);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, plus(times(d7, a9), times(a8, a8)));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(d0, a6), times(d1, a5)), plus(times(d2, a4), times(a3, a3)))), timesFold(fold));
  storeLimb(r, low, 48);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, times(d8, a9));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(times(d0, a7), times(d1, a6)), plus(times(d2, a5), times(d3, a4)))), timesFold(fold));
  storeLimb(r, low, 56);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  high = plus(high, times(a9, a9));
  fold = v128.and(high, MASKS);
  high = i64x2.shr_u(high, 26);
  low = plus(plus(low, plus(plus(plus(times(d0, a8), times(d1, a7)), plus(times(d2, a6), times(d3, a5))), times(a4, a4))), timesFold(fold));
  storeLimb(r, low, 64);
  low = plus(i64x2.shr_u(low, 26), i64x2.shl(fold, 10));
  finish(r, t0, t1, t2, plus(plus(low, t9), timesFold(high)), high);
}

/** r = the first of a and the first of b. */
export function pairFirsts(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(r + at, i32x4.shuffle(v128.load(a + at), v128.load(b + at), 0, 4, 2, 6));
  }
}

/** r = the first of a and the second of b. */
export function pairEnds(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(r + at, i32x4.shuffle(v128.load(a + at), v128.load(b + at), 0, 5, 2, 7));
  }
}

/** r = the second of a and the second of b. */
export function pairSeconds(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(r + at, i32x4.shuffle(v128.load(a + at), v128.load(b + at), 1, 5, 3, 7));
  }
}

/** r = two elements that are in no pair. */
export function pairUp(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    const both = v128.load_zero<u64>(a + (at >> 1));
    v128.store(r + at, i32x4.shuffle(both, v128.load_zero<u64>(b + (at >> 1)), 0, 4, 1, 5));
  }
}

/** r = the first of a and b, which is in no pair. */
export function pairFirstWith(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    const other = v128.load_zero<u64>(b + (at >> 1));
    v128.store(r + at, i32x4.shuffle(v128.load(a + at), other, 0, 4, 2, 5));
  }
}

/** r = a, which is in no pair, and the second of b. */
export function pairWithSecond(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < PAIR; at += 16) {
    const first = v128.load_zero<u64>(a + (at >> 1));
    v128.store(r + at, i32x4.shuffle(first, v128.load(b + at), 0, 5, 1, 7));
  }
}

/** r = the element of a pair at `a`, or at `a + OTHER`. */
export function unpair(r: usize, a: usize): void {
  for (let limb: usize = 0; limb < 10; limb++) {
    store<u32>(r + (limb << 2), load<u32>(a + limb * PAIR_STEP));
  }
}
