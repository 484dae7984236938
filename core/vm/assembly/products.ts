/**
 * Products of words.
 *
 * WebAssembly has no 64 x 64 -> 128 bit product; its upper half is made of four 32-bit ones. The
 * short cases (an operand of one limb, as most amounts and prices are) come first.
 */
import { copy, fitsU64, isZero, low, setU64, zero } from "./limbs";
import { shlBits } from "./shifts";

const MASK: u64 = 0xffffffff;

const BASE: usize = memory.data(32, 16);
const EXPONENT: usize = memory.data(32, 16);
const POWER: usize = memory.data(32, 16);

/** The upper 64 bits of a * b. */
@inline
export function mulHigh(a: u64, b: u64): u64 {
  const a0 = a & MASK;
  const a1 = a >> 32;
  const b0 = b & MASK;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const other = a0 * b1 + (middle & MASK);
  return a1 * b1 + (middle >> 32) + (other >> 32);
}

/** out = a * b mod 2^256. */
export function mul(out: usize, a: usize, b: usize): void {
  if (fitsU64(b)) {
    mulLimb(out, a, low(b));
  } else if (fitsU64(a)) {
    mulLimb(out, b, low(a));
  } else {
    mulLow(out, a, b);
  }
}

/** out = a * b mod 2^256 for a number b; answers whether the product is larger. */
export function mulU64(out: usize, a: usize, b: u64): bool {
  const overflow = mulHigh(load<u64>(a, 24), b);
  const carry = mulLimb(out, a, b);
  return (overflow | carry) != 0;
}

/** out = a * b mod 2^256; answers the carry out of the lower half of the last limb's product. */
@inline
function mulLimb(out: usize, a: usize, b: u64): u64 {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  store<u64>(out, a0 * b);
  if ((a1 | a2 | a3) == 0) {
    store<u64>(out, mulHigh(a0, b), 8);
    store<u64>(out, 0, 16);
    store<u64>(out, 0, 24);
    return 0;
  }
  const high0 = mulHigh(a0, b);
  const r1 = a1 * b + high0;
  // The upper half of a product is at most 2^64 - 2, so that a carry always fits on top of it.
  const high1 = mulHigh(a1, b) + u64(r1 < high0);
  const r2 = a2 * b + high1;
  const high2 = mulHigh(a2, b) + u64(r2 < high1);
  const r3 = a3 * b + high2;
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
  return u64(r3 < high2);
}

/** The lower 256 bits of the product, row by row. */
function mulLow(out: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const b0 = load<u64>(b);
  const b1 = load<u64>(b, 8);
  const b2 = load<u64>(b, 16);
  const b3 = load<u64>(b, 24);

  const high00 = mulHigh(a0, b0);
  let r1 = a1 * b0 + high00;
  const high10 = mulHigh(a1, b0) + u64(r1 < high00);
  let r2 = a2 * b0 + high10;
  let r3 = a3 * b0 + mulHigh(a2, b0) + u64(r2 < high10);

  const low01 = a0 * b1;
  r1 += low01;
  const high01 = mulHigh(a0, b1) + u64(r1 < low01);
  let sum = a1 * b1 + high01;
  r2 += sum;
  r3 += a2 * b1 + mulHigh(a1, b1) + u64(sum < high01) + u64(r2 < sum);

  sum = a0 * b2;
  r2 += sum;
  r3 += a1 * b2 + mulHigh(a0, b2) + u64(r2 < sum) + a0 * b3;

  store<u64>(out, a0 * b0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}

/** All 512 bits of the product, eight limbs at `out`, which must be apart from b. */
export function mulWide(out: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  // The sum so far, from the limb on that the row's first product goes to.
  let r0: u64 = 0;
  let r1: u64 = 0;
  let r2: u64 = 0;
  let r3: u64 = 0;
  for (let offset: usize = 0; offset < 32; offset += 8) {
    const factor = load<u64>(b + offset);
    let part = a0 * factor;
    r0 += part;
    let carry = mulHigh(a0, factor) + u64(r0 < part);
    store<u64>(out + offset, r0);

    part = a1 * factor + carry;
    carry = mulHigh(a1, factor) + u64(part < carry);
    r0 = r1 + part;
    carry += u64(r0 < part);

    part = a2 * factor + carry;
    carry = mulHigh(a2, factor) + u64(part < carry);
    r1 = r2 + part;
    carry += u64(r1 < part);

    part = a3 * factor + carry;
    carry = mulHigh(a3, factor) + u64(part < carry);
    r2 = r3 + part;
    r3 = carry + u64(r2 < part);
  }
  store<u64>(out, r0, 32);
  store<u64>(out, r1, 40);
  store<u64>(out, r2, 48);
  store<u64>(out, r3, 56);
}

/** out = a^b mod 2^256; 0^0 = 1. */
export function exp(out: usize, a: usize, b: usize): void {
  if (fitsU64(b)) {
    const exponent = low(b);
    if (fitsU64(a) && low(a) == 2) {
      setU64(out, 1);
      return exponent > 255 ? zero(out) : shlBits(out, out, u32(exponent));
    }
    if (exponent == 0) return setU64(out, 1);
    if (exponent == 1) return copy(out, a);
  }
  copy(BASE, a);
  copy(EXPONENT, b);
  copy(POWER, BASE);
  let bit = highestBit(EXPONENT);
  while (--bit >= 0) {
    mul(POWER, POWER, POWER);
    const limb = load<u64>(EXPONENT + ((bit >> 6) << 3));
    if ((limb >> (bit & 63) & 1) != 0) mul(POWER, POWER, BASE);
    // An even base runs out of bits after at most 256 factors; the rest is nothing.
    if (isZero(POWER)) break;
  }
  copy(out, POWER);
}

/** Index of the highest bit that is set in a word other than zero. */
function highestBit(a: usize): i32 {
  for (let offset: i32 = 24; offset > 0; offset -= 8) {
    const limb = load<u64>(a + offset);
    if (limb != 0) return (offset << 3) + 63 - i32(i64.clz(limb));
  }
  return 63 - i32(i64.clz(load<u64>(a)));
}
