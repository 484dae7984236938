/**
 * Inverses modulo p and n: divisions by two in batches of 30 (Bernstein and Yang, "Fast constant-time
 * gcd computation and modular inversion"), in the variable-time form, as nothing here is secret.
 *
 * Numbers are nine limbs of 30 bits, signed `i32` each.
 */
import { fromBytes, toBytes } from "./field";

const LIMBS = 9;
const MASK: i32 = 0x3fffffff;
const SIZE: usize = 36;

const P: usize = memory.data<u32>([
  0x3ffffc2f, 0x3ffffffb, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff,
  0x0000ffff,
]);
/** p^-1 mod 2^30. */
const P_INVERSE: u32 = 0x2ddacacf;
const N: usize = memory.data<u32>([
  0x10364141, 0x3f497a33, 0x348a03bb, 0x2bb739ab, 0x3ffffeba, 0x3fffffff, 0x3fffffff, 0x3fffffff,
  0x0000ffff,
]);
/** n^-1 mod 2^30. */
const N_INVERSE: u32 = 0x2a774ec1;

const D: usize = memory.data(36, 16);
const E: usize = memory.data(36, 16);
const F: usize = memory.data(36, 16);
const G: usize = memory.data(36, 16);
const BYTES: usize = memory.data(32, 16);

/** What a batch does to (f, g), times 2^30. */
let u: i32 = 0;
let v: i32 = 0;
let q: i32 = 0;
let r: i32 = 0;

/** result = a^-1 mod p, normalized, of a normalized element that is not 0. Both may be the same. */
export function invertElement(result: usize, a: usize): void {
  toBytes(BYTES, a);
  invertBytes(BYTES, P, P_INVERSE);
  fromBytes(result, BYTES);
}

/** Puts the inverse mod n of a scalar (8 words, lowest first, not 0) into `result`. */
export function invertScalar(result: usize, a: usize): void {
  for (let at: usize = 0; at < 32; at += 4) store<u32>(BYTES + 28 - at, bswap<u32>(load<u32>(a + at)));
  invertBytes(BYTES, N, N_INVERSE);
  for (let at: usize = 0; at < 32; at += 4) store<u32>(result + at, bswap<u32>(load<u32>(BYTES + 28 - at)));
}

function invertBytes(bytes: usize, modulus: usize, modulusInverse: u32): void {
  memory.fill(D, 0, SIZE);
  memory.fill(E, 0, SIZE);
  store<i32>(E, 1);
  memory.copy(F, modulus, SIZE);
  readLimbs(G, bytes);
  let eta: i32 = -1;
  while (!isZeroLimbs(G)) {
    eta = divideBy2(eta, load<u32>(F), load<u32>(G));
    updateDE(modulus, modulusInverse);
    updateFG();
  }
  normalizeLimbs(D, load<i32>(F, 32), modulus);
  writeLimbs(bytes, D);
}

function readLimbs(limbs: usize, bytes: usize): void {
  let held: u64 = 0;
  let heldBits = 0;
  let at: usize = 0;
  for (let word = 28; word >= 0; word -= 4) {
    held |= <u64>bswap<u32>(load<u32>(bytes + word)) << heldBits;
    heldBits += 32;
    while (heldBits >= 30 && at < 32) {
      store<i32>(limbs + at, <i32>held & MASK);
      held >>= 30;
      heldBits -= 30;
      at += 4;
    }
  }
  store<i32>(limbs, <i32>held, 32);
}

function writeLimbs(bytes: usize, limbs: usize): void {
  let held: u64 = 0;
  let heldBits = 0;
  let word: isize = 28;
  for (let at: usize = 0; at < SIZE; at += 4) {
    held |= <u64>load<u32>(limbs + at) << heldBits;
    heldBits += 30;
    if (heldBits >= 32 && word >= 0) {
      store<u32>(bytes + word, bswap<u32>(<u32>held));
      held >>= 32;
      heldBits -= 32;
      word -= 4;
    }
  }
  if (word >= 0) store<u32>(bytes + word, bswap<u32>(<u32>held));
}

function isZeroLimbs(a: usize): bool {
  let bits: i32 = 0;
  for (let at: usize = 0; at < SIZE; at += 4) bits |= load<i32>(a + at);
  return bits == 0;
}

/** Thirty steps on the lowest bits of f and g; their matrix is left in u, v, q, r. */
function divideBy2(start: i32, f0: u32, g0: u32): i32 {
  let eta = start;
  let f = f0;
  let g = g0;
  let left: i32 = 30;
  let uu: u32 = 1;
  let vv: u32 = 0;
  let qq: u32 = 0;
  let rr: u32 = 1;
  for (;;) {
    const zeros = <i32>ctz<u32>(g | (<u32>0xffffffff << left));
    g >>= zeros;
    uu <<= zeros;
    vv <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) break;
    if (eta < 0) {
      eta = -eta;
      let swapped = f;
      f = g;
      g = 0 - swapped;
      swapped = uu;
      uu = qq;
      qq = 0 - swapped;
      swapped = vv;
      vv = rr;
      rr = 0 - swapped;
    }
    // As many low bits of g as may go at once, six at most: w = -g / f modulo that power of two.
    let limit = eta + 1 > left ? left : eta + 1;
    if (limit > 6) limit = 6;
    const mask: u32 = (<u32>1 << limit) - 1;
    const w: u32 = (f * g * (f * f - 2)) & mask;
    g += f * w;
    qq += uu * w;
    rr += vv * w;
  }
  u = <i32>uu;
  v = <i32>vv;
  q = <i32>qq;
  r = <i32>rr;
  return eta;
}

/** (d, e) = (u d + v e, q d + r e) / 2^30 modulo the modulus. */
function updateDE(modulus: usize, modulusInverse: u32): void {
  const signD = load<i32>(D, 32) >> 31;
  const signE = load<i32>(E, 32) >> 31;
  let md = (u & signD) + (v & signE);
  let me = (q & signD) + (r & signE);
  const uu = <i64>u, vv = <i64>v, qq = <i64>q, rr = <i64>r;
  let d = <i64>load<i32>(D);
  let e = <i64>load<i32>(E);
  let carryD = uu * d + vv * e;
  let carryE = qq * d + rr * e;
  // So many times the modulus make the lowest limb 0.
  md -= <i32>((modulusInverse * <u32>carryD + <u32>md) & <u32>MASK);
  me -= <i32>((modulusInverse * <u32>carryE + <u32>me) & <u32>MASK);
  carryD = (carryD + <i64>load<i32>(modulus) * <i64>md) >> 30;
  carryE = (carryE + <i64>load<i32>(modulus) * <i64>me) >> 30;
  for (let at: usize = 4; at < SIZE; at += 4) {
    d = <i64>load<i32>(D + at);
    e = <i64>load<i32>(E + at);
    const m = <i64>load<i32>(modulus + at);
    carryD += uu * d + vv * e + m * <i64>md;
    carryE += qq * d + rr * e + m * <i64>me;
    store<i32>(D + at - 4, <i32>carryD & MASK);
    store<i32>(E + at - 4, <i32>carryE & MASK);
    carryD >>= 30;
    carryE >>= 30;
  }
  store<i32>(D, <i32>carryD, 32);
  store<i32>(E, <i32>carryE, 32);
}

/** (f, g) = (u f + v g, q f + r g) / 2^30, which divides them. */
function updateFG(): void {
  const uu = <i64>u, vv = <i64>v, qq = <i64>q, rr = <i64>r;
  let f = <i64>load<i32>(F);
  let g = <i64>load<i32>(G);
  let carryF = (uu * f + vv * g) >> 30;
  let carryG = (qq * f + rr * g) >> 30;
  for (let at: usize = 4; at < SIZE; at += 4) {
    f = <i64>load<i32>(F + at);
    g = <i64>load<i32>(G + at);
    carryF += uu * f + vv * g;
    carryG += qq * f + rr * g;
    store<i32>(F + at - 4, <i32>carryF & MASK);
    store<i32>(G + at - 4, <i32>carryG & MASK);
    carryF >>= 30;
    carryG >>= 30;
  }
  store<i32>(F, <i32>carryF, 32);
  store<i32>(G, <i32>carryG, 32);
}

/** Brings `a`, in (-2 modulus, modulus), negated when `sign` is negative, into [0, modulus). */
function normalizeLimbs(a: usize, sign: i32, modulus: usize): void {
  addIfNegative(a, modulus, sign >> 31);
  addIfNegative(a, modulus, 0);
}

function addIfNegative(a: usize, modulus: usize, negation: i32): void {
  const addition = load<i32>(a, 32) >> 31;
  let carry: i32 = 0;
  for (let at: usize = 0; at < SIZE; at += 4) {
    let limb = load<i32>(a + at) + (load<i32>(modulus + at) & addition);
    limb = (limb ^ negation) - negation;
    limb += carry;
    if (at < 32) {
      carry = limb >> 30;
      limb &= MASK;
    }
    store<i32>(a + at, limb);
  }
}
