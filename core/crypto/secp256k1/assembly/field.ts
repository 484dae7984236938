/**
 * The field of secp256k1, p = 2^256 - 2^32 - 977: ten limbs of 26 bits, a `u32` each, 40 bytes.
 *
 * Limbs are not carried after additions: an element of magnitude m has limbs up to 2^27 * m. What an
 * operation takes and gives is said beside it; who adds up keeps count. 52-bit products of limbs sum
 * up in 64 bits for magnitudes up to 8.
 */

/** Bytes of an element. */
export const ELEMENT: usize = 40;

const MASK: u64 = 0x3ffffff;
const TOP_MASK: u64 = 0x3fffff;
/** 2^260 mod p = 2^36 + 0x3d10: what a limb ten places up is worth, in both places. */
const FOLD_0: u64 = 0x3d10;
const FOLD_1: u64 = 0x400;
/** 2^256 mod p in the same way, 2^32 + 977. */
const TOP_FOLD_0: u64 = 0x3d1;
const TOP_FOLD_1: u64 = 0x40;
/** Limbs of p: the first two, those between, the last. */
const P_0: u32 = 0x3fffc2f;
const P_1: u32 = 0x3ffffbf;
const P_MIDDLE: u32 = 0x3ffffff;
const P_TOP: u32 = 0x3fffff;

/**
 * Carries into the last limbs of a product: `low` stands at limb 9, `high` at limb 19.
 */
// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(r: usize, t0: u64, t1: u64, t2: u64, low: u64, high: u64): void {
  store<u32>(r, <u32>(low & TOP_MASK), 36);
  const top = (low >> 22) + high * (FOLD_1 << 4);
  let carry = t0 + top * TOP_FOLD_0;
  store<u32>(r, <u32>(carry & MASK));
  carry = (carry >> 26) + t1 + top * TOP_FOLD_1;
  store<u32>(r, <u32>(carry & MASK), 4);
  store<u32>(r, <u32>((carry >> 26) + t2), 8);
}

/** r = a * b; both of magnitude 8 at most, the product of 1. All three may be the same. */
export function multiply(r: usize, a: usize, b: usize): void {
  const a0: u64 = load<u32>(a, 0), b0: u64 = load<u32>(b, 0);
  const a1: u64 = load<u32>(a, 4), b1: u64 = load<u32>(b, 4);
  const a2: u64 = load<u32>(a, 8), b2: u64 = load<u32>(b, 8);
  const a3: u64 = load<u32>(a, 12), b3: u64 = load<u32>(b, 12);
  const a4: u64 = load<u32>(a, 16), b4: u64 = load<u32>(b, 16);
  const a5: u64 = load<u32>(a, 20), b5: u64 = load<u32>(b, 20);
  const a6: u64 = load<u32>(a, 24), b6: u64 = load<u32>(b, 24);
  const a7: u64 = load<u32>(a, 28), b7: u64 = load<u32>(b, 28);
  const a8: u64 = load<u32>(a, 32), b8: u64 = load<u32>(b, 32);
  const a9: u64 = load<u32>(a, 36), b9: u64 = load<u32>(b, 36);
  let high: u64 = a0 * b9 + a1 * b8 + a2 * b7 + a3 * b6 + a4 * b5 + a5 * b4 + a6 * b3 + a7 * b2 + a8 * b1 + a9 * b0;
  const t9 = high & MASK;
  high >>= 26;
  let low: u64 = 0;
  let fold: u64;
  high += a1 * b9 + a2 * b8 + a3 * b7 + a4 * b6 + a5 * b5 + a6 * b4 + a7 * b3 + a8 * b2 + a9 * b1;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b0 + fold * FOLD_0;
  const t0 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += a2 * b9 + a3 * b8 + a4 * b7 + a5 * b6 + a6 * b5 + a7 * b4 + a8 * b3 + a9 * b2;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b1 + a1 * b0 + fold * FOLD_0;
  const t1 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += a3 * b9 + a4 * b8 + a5 * b7 + a6 * b6 + a7 * b5 + a8 * b4 + a9 * b3;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b2 + a1 * b1 + a2 * b0 + fold * FOLD_0;
  const t2 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += a4 * b9 + a5 * b8 + a6 * b7 + a7 * b6 + a8 * b5 + a9 * b4;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 12);
  low = (low >> 26) + fold * FOLD_1;
  high += a5 * b9 + a6 * b8 + a7 * b7 + a8 * b6 + a9 * b5;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 16);
  low = (low >> 26) + fold * FOLD_1;
  high += a6 * b9 + a7 * b8 + a8 * b7 + a9 * b6;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b5 + a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1 + a5 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 20);
  low = (low >> 26) + fold * FOLD_1;
  high += a7 * b9 + a8 * b8 + a9 * b7;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b6 + a1 * b5 + a2 * b4 + a3 * b3 + a4 * b2 + a5 * b1 + a6 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 24);
  low = (low >> 26) + fold * FOLD_1;
  high += a8 * b9 + a9 * b8;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b7 + a1 * b6 + a2 * b5 + a3 * b4 + a4 * b3 + a5 * b2 + a6 * b1 + a7 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 28);
  low = (low >> 26) + fold * FOLD_1;
  high += a9 * b9;
  fold = high & MASK;
  high >>= 26;
  low += a0 * b8 + a1 * b7 + a2 * b6 + a3 * b5 + a4 * b4 + a5 * b3 + a6 * b2 + a7 * b1 + a8 * b0 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 32);
  low = (low >> 26) + fold * FOLD_1;
  finish(r, t0, t1, t2, low + t9 + high * FOLD_0, high);
}

/** r = a * a; a of magnitude 8 at most, the square of 1. Both may be the same. */
export function square(r: usize, a: usize): void {
  const a0: u64 = load<u32>(a, 0);
  const a1: u64 = load<u32>(a, 4);
  const a2: u64 = load<u32>(a, 8);
  const a3: u64 = load<u32>(a, 12);
  const a4: u64 = load<u32>(a, 16);
  const a5: u64 = load<u32>(a, 20);
  const a6: u64 = load<u32>(a, 24);
  const a7: u64 = load<u32>(a, 28);
  const a8: u64 = load<u32>(a, 32);
  const a9: u64 = load<u32>(a, 36);
  const d0: u64 = a0 << 1;
  const d1: u64 = a1 << 1;
  const d2: u64 = a2 << 1;
  const d3: u64 = a3 << 1;
  const d4: u64 = a4 << 1;
  const d5: u64 = a5 << 1;
  const d6: u64 = a6 << 1;
  const d7: u64 = a7 << 1;
  const d8: u64 = a8 << 1;
  let high: u64 = d0 * a9 + d1 * a8 + d2 * a7 + d3 * a6 + d4 * a5;
  const t9 = high & MASK;
  high >>= 26;
  let low: u64 = 0;
  let fold: u64;
  high += d1 * a9 + d2 * a8 + d3 * a7 + d4 * a6 + a5 * a5;
  fold = high & MASK;
  high >>= 26;
  low += a0 * a0 + fold * FOLD_0;
  const t0 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += d2 * a9 + d3 * a8 + d4 * a7 + d5 * a6;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a1 + fold * FOLD_0;
  const t1 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += d3 * a9 + d4 * a8 + d5 * a7 + a6 * a6;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a2 + a1 * a1 + fold * FOLD_0;
  const t2 = low & MASK;
  low = (low >> 26) + fold * FOLD_1;
  high += d4 * a9 + d5 * a8 + d6 * a7;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a3 + d1 * a2 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 12);
  low = (low >> 26) + fold * FOLD_1;
  high += d5 * a9 + d6 * a8 + a7 * a7;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a4 + d1 * a3 + a2 * a2 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 16);
  low = (low >> 26) + fold * FOLD_1;
  high += d6 * a9 + d7 * a8;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a5 + d1 * a4 + d2 * a3 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 20);
  low = (low >> 26) + fold * FOLD_1;
  high += d7 * a9 + a8 * a8;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a6 + d1 * a5 + d2 * a4 + a3 * a3 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 24);
  low = (low >> 26) + fold * FOLD_1;
  high += d8 * a9;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a7 + d1 * a6 + d2 * a5 + d3 * a4 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 28);
  low = (low >> 26) + fold * FOLD_1;
  high += a9 * a9;
  fold = high & MASK;
  high >>= 26;
  low += d0 * a8 + d1 * a7 + d2 * a6 + d3 * a5 + a4 * a4 + fold * FOLD_0;
  store<u32>(r, <u32>(low & MASK), 32);
  low = (low >> 26) + fold * FOLD_1;
  finish(r, t0, t1, t2, low + t9 + high * FOLD_0, high);
}

/** r = a ^ (2^count), for a count above 0. */
function squareTimes(r: usize, a: usize, count: i32): void {
  square(r, a);
  for (let done = 1; done < count; done++) square(r, r);
}

export function copy(r: usize, a: usize): void {
  memory.copy(r, a, ELEMENT);
}

/** r = a + b, magnitudes add up. */
export function add(r: usize, a: usize, b: usize): void {
  for (let at: usize = 0; at < ELEMENT; at += 4) {
    store<u32>(r + at, load<u32>(a + at) + load<u32>(b + at));
  }
}

/** r = -a for a of at most `magnitude`, which grows by 1. */
export function negate(r: usize, a: usize, magnitude: u32): void {
  const factor = 2 * (magnitude + 1);
  store<u32>(r, P_0 * factor - load<u32>(a));
  store<u32>(r, P_1 * factor - load<u32>(a, 4), 4);
  for (let at: usize = 8; at < 36; at += 4) store<u32>(r + at, P_MIDDLE * factor - load<u32>(a + at));
  store<u32>(r, P_TOP * factor - load<u32>(a, 36), 36);
}

/** r = a with every limb in its bits and the value below p. */
export function normalize(r: usize, a: usize): void {
  carryInto(r, a, load<u32>(a, 36) >> 22);
  const isAbove = load<u32>(r, 36) >> 22 != 0 || isAtLeastP(r);
  if (isAbove) carryInto(r, r, 1);
  store<u32>(r, load<u32>(r, 36) & <u32>TOP_MASK, 36);
}

/** r = a + top * (2^32 + 977) without what is above 2^256 in `a` when `top` was that, all carried. */
function carryInto(r: usize, a: usize, top: u32): void {
  let carry: u64 = <u64>load<u32>(a) + <u64>top * TOP_FOLD_0;
  store<u32>(r, <u32>(carry & MASK));
  carry = (carry >> 26) + load<u32>(a, 4) + <u64>top * TOP_FOLD_1;
  store<u32>(r, <u32>(carry & MASK), 4);
  for (let at: usize = 8; at < 36; at += 4) {
    carry = (carry >> 26) + load<u32>(a + at);
    store<u32>(r + at, <u32>(carry & MASK));
  }
  store<u32>(r, <u32>((carry >> 26) + (load<u32>(a, 36) & <u32>TOP_MASK)), 36);
}

/** Of limbs that are carried. */
function isAtLeastP(a: usize): bool {
  if (load<u32>(a, 36) < P_TOP) return false;
  for (let at: usize = 8; at < 36; at += 4) if (load<u32>(a + at) != P_MIDDLE) return false;
  const one = load<u32>(a, 4);
  return one > P_1 || (one == P_1 && load<u32>(a) >= P_0);
}

const SCRATCH: usize = memory.data(40, 16);

/** Whether a is 0 modulo p; any magnitude up to 31. */
export function isZero(a: usize): bool {
  // Nearly always the lowest limb tells.
  const lowest = (load<u32>(a) + (load<u32>(a, 36) >> 22) * <u32>TOP_FOLD_0) & <u32>MASK;
  if (lowest != 0 && lowest != P_0) return false;
  normalize(SCRATCH, a);
  let bits: u32 = 0;
  for (let at: usize = 0; at < ELEMENT; at += 4) bits |= load<u32>(SCRATCH + at);
  return bits == 0;
}

/** Whether a normalized element is odd. */
export function isOdd(a: usize): bool {
  return (load<u32>(a) & 1) != 0;
}

/** r = the element that 32 bytes from `bytes`, big-endian and below p, stand for. */
export function fromBytes(r: usize, bytes: usize): void {
  let held: u64 = 0;
  let heldBits = 0;
  let at: usize = 0;
  for (let word = 28; word >= 0; word -= 4) {
    held |= <u64>bswap<u32>(load<u32>(bytes + word)) << heldBits;
    heldBits += 32;
    while (heldBits >= 26 && at < 36) {
      store<u32>(r + at, <u32>(held & MASK));
      held >>= 26;
      heldBits -= 26;
      at += 4;
    }
  }
  store<u32>(r, <u32>held, 36);
}

/** Writes a normalized element as 32 bytes, big-endian. */
export function toBytes(bytes: usize, a: usize): void {
  let held: u64 = 0;
  let heldBits = 0;
  let word: isize = 28;
  for (let at: usize = 0; at < ELEMENT; at += 4) {
    held |= <u64>load<u32>(a + at) << heldBits;
    heldBits += 26;
    if (heldBits >= 32) {
      store<u32>(bytes + word, bswap<u32>(<u32>held));
      held >>= 32;
      heldBits -= 32;
      word -= 4;
    }
  }
}

const X2: usize = memory.data(40, 16);
const X3: usize = memory.data(40, 16);
const X22: usize = memory.data(40, 16);
const X44: usize = memory.data(40, 16);
const X88: usize = memory.data(40, 16);
const T: usize = memory.data(40, 16);
const U: usize = memory.data(40, 16);

/** r = a square root of a, if it has one: a ^ ((p + 1) / 4). a of magnitude 8 at most. */
export function squareRoot(r: usize, a: usize): void {
  // Xn stands for a ^ (2^n - 1). The exponent is 223 ones, a zero, 22 ones, four zeros, two ones, two zeros.
  square(X2, a);
  multiply(X2, X2, a);
  square(X3, X2);
  multiply(X3, X3, a);
  squareTimes(T, X3, 3);
  multiply(T, T, X3);
  squareTimes(T, T, 3);
  multiply(T, T, X3);
  squareTimes(T, T, 2);
  multiply(T, T, X2);
  squareTimes(X22, T, 11);
  multiply(X22, X22, T);
  squareTimes(X44, X22, 22);
  multiply(X44, X44, X22);
  squareTimes(X88, X44, 44);
  multiply(X88, X88, X44);
  squareTimes(T, X88, 88);
  multiply(T, T, X88);
  squareTimes(T, T, 44);
  multiply(T, T, X44);
  squareTimes(T, T, 3);
  multiply(T, T, X3);
  squareTimes(U, T, 23);
  multiply(U, U, X22);
  squareTimes(U, U, 6);
  multiply(U, U, X2);
  squareTimes(r, U, 2);
}
