/**
 * Quotients and remainders of words, and arithmetic modulo a word.
 *
 * Digits of the long division (Knuth, TAOCP 2, 4.3.1, algorithm D) are 32 bits: all products of two
 * of them fit a u64. Quotient digits come from a reciprocal of the divisor's two top digits
 * (Moeller and Granlund, "Improved division by invariant integers", algorithms 4 and 6), which
 * leaves one hardware division per call. Powers of two, numbers below 2^64 and quotients that are
 * plainly 0 do not get there.
 */
import { add, copy, fitsU64, less, low, negate, setU64, sub, zero } from "./limbs";
import { mulWide } from "./products";
import { shlBits, shrBits } from "./shifts";

const MASK: u64 = 0xffffffff;

/** Two limbs that stay 0, then up to eight limbs and the one that shifting up fills. */
const DIVIDEND_ZEROS: usize = memory.data(88, 16);
const DIVIDEND: usize = DIVIDEND_ZEROS + 16;
/** Where quotients go that nobody wants. */
const QUOTIENT: usize = memory.data(72, 16);
const DIVISOR: usize = memory.data(32, 16);
const REMAINDER: usize = memory.data(32, 16);
/** Absolute values, sums and products before they are reduced. */
const LEFT: usize = memory.data(32, 16);
const RIGHT: usize = memory.data(32, 16);
const WIDE: usize = memory.data(72, 16);

/** out = a / b, unsigned; 0 when b is 0. */
export function div(out: usize, a: usize, b: usize): void {
  if (fitsU64(b)) {
    const divisor = low(b);
    if (divisor == 0) return zero(out);
    if ((divisor & (divisor - 1)) == 0) return shrBits(out, a, u32(i64.ctz(divisor)));
    if (fitsU64(a)) return setU64(out, low(a) / divisor);
    divideByLimb(out, a, 4, divisor);
    return;
  }
  if (less(a, b)) return zero(out);
  const power = powerOfTwo(b);
  if (power >= 0) return shrBits(out, a, power);
  divideLong(out, a, 4, b);
}

/** out = a mod b, unsigned; 0 when b is 0. */
export function mod(out: usize, a: usize, b: usize): void {
  if (fitsU64(b)) {
    const divisor = low(b);
    if (divisor == 0) return zero(out);
    if ((divisor & (divisor - 1)) == 0) return setU64(out, low(a) & (divisor - 1));
    if (fitsU64(a)) return setU64(out, low(a) % divisor);
    return setU64(out, divideByLimb(QUOTIENT, a, 4, divisor));
  }
  if (less(a, b)) return copy(out, a);
  const power = powerOfTwo(b);
  if (power >= 0) return keepBits(out, a, power);
  const lift = divideLong(QUOTIENT, a, 4, b);
  shrBits(out, REMAINDER, lift);
}

/** out = a / b, rounded to zero, as two's complement; 0 when b is 0, and -2^255 / -1 = -2^255. */
export function sdiv(out: usize, a: usize, b: usize): void {
  const isNegative = (load<i64>(a, 24) ^ load<i64>(b, 24)) < 0;
  div(out, absolute(LEFT, a), absolute(RIGHT, b));
  if (isNegative) negate(out, out);
}

/** out = a mod b with the sign of a, as two's complement; 0 when b is 0. */
export function smod(out: usize, a: usize, b: usize): void {
  const isNegative = load<i64>(a, 24) < 0;
  mod(out, absolute(LEFT, a), absolute(RIGHT, b));
  if (isNegative) negate(out, out);
}

/** out = (a + b) mod m without losing the carry; 0 when m is 0. */
export function addMod(out: usize, a: usize, b: usize, m: usize): void {
  if (less(a, m) && less(b, m)) {
    const carry = add(LEFT, a, b);
    if (carry || !less(LEFT, m)) {
      sub(out, LEFT, m);
    } else {
      copy(out, LEFT);
    }
    return;
  }
  const carry = add(WIDE, a, b);
  if (!carry) return mod(out, WIDE, m);
  store<u64>(WIDE, 1, 32);
  modWide(out, 5, m);
}

/** out = (a * b) mod m over the whole product; 0 when m is 0. */
export function mulMod(out: usize, a: usize, b: usize, m: usize): void {
  mulWide(WIDE, a, b);
  if (isAllOnes(m)) return foldHalves(out);
  let limbs: i32 = 8;
  while (limbs > 4 && load<u64>(WIDE + ((limbs - 1) << 3)) == 0) limbs--;
  if (limbs == 4) return mod(out, WIDE, m);
  modWide(out, limbs, m);
}

/** out = the number of `limbs` limbs at WIDE mod m; the number is 2^256 or more. */
function modWide(out: usize, limbs: i32, m: usize): void {
  if (fitsU64(m)) {
    const divisor = low(m);
    if (divisor == 0) return zero(out);
    return setU64(out, divideByLimb(QUOTIENT, WIDE, limbs, divisor));
  }
  const power = powerOfTwo(m);
  if (power >= 0) return keepBits(out, WIDE, power);
  const lift = divideLong(QUOTIENT, WIDE, limbs, m);
  shrBits(out, REMAINDER, lift);
}
@inline
function isAllOnes(a: usize): bool {
  return (load<u64>(a) & load<u64>(a, 8) & load<u64>(a, 16) & load<u64>(a, 24)) == -1;
}

/**
 * out = the 512 bits at WIDE mod 2^256 - 1, where 2^256 is 1: contracts ask for this one when they
 * want the upper half of a product.
 */
function foldHalves(out: usize): void {
  const carry = add(out, WIDE, WIDE + 32);
  if (carry) {
    setU64(WIDE, 1);
    add(out, out, WIDE);
  }
  if (isAllOnes(out)) zero(out);
}

/** The pointer to |a|: `a` itself or `scratch`. */
@inline
function absolute(scratch: usize, a: usize): usize {
  if (load<i64>(a, 24) >= 0) return a;
  negate(scratch, a);
  return scratch;
}

/** n when a = 2^n, else -1. */
function powerOfTwo(a: usize): i32 {
  let power: i32 = -1;
  for (let offset: i32 = 0; offset < 32; offset += 8) {
    const limb = load<u64>(a + offset);
    if (limb == 0) continue;
    if (power >= 0 || (limb & (limb - 1)) != 0) return -1;
    power = (offset << 3) + i32(i64.ctz(limb));
  }
  return power;
}

/** out = a mod 2^bits for bits < 256. */
function keepBits(out: usize, a: usize, bits: u32): void {
  for (let index: u32 = 0; index < 4; index++) {
    const limb = load<u64>(a + (index << 3));
    const whole = bits >> 6;
    const mask: u64 = index < whole ? -1 : index > whole ? 0 : (u64(1) << (bits & 63)) - 1;
    store<u64>(out + (index << 3), limb & mask);
  }
}

/** Algorithm 6: floor((2^96 - 1) / divisor) - 2^32 for a divisor with its top bit set. */
@inline
function reciprocal(divisor: u64): u64 {
  const d1 = divisor >> 32;
  const d0 = divisor & MASK;
  let value = u64(-1) / d1 - 0x100000000;
  let rest = (d1 * value + d0) & MASK;
  if (rest < d0) {
    value--;
    if (rest >= d1) {
      value--;
      rest -= d1;
    }
    rest = (rest - d1) & MASK;
  }
  const product = value * d0;
  rest = (rest + (product >> 32)) & MASK;
  if (rest < product >> 32) {
    value--;
    if ((rest << 32 | product & MASK) >= divisor) value--;
  }
  return value;
}

/**
 * Divides the `limbs` (4 to 8) limbs at `a` by a number other than 0: all limbs of the quotient go
 * to `quotient`, which may be a or the number's word; the remainder is the answer.
 *
 * The divisor is shifted up to 64 bits, two digits, so that algorithm 4 alone is the division.
 */
function divideByLimb(quotient: usize, a: usize, limbs: i32, number: u64): u64 {
  const lift = i64.clz(number);
  const divisor = number << lift;
  const inverse = reciprocal(divisor);
  const used = limbCount(a, limbs);
  shiftUp(DIVIDEND, a, used, lift);
  if (used < 4) zero(quotient);
  let rest = load<u64>(DIVIDEND + (used << 3));
  for (let j: i32 = (used << 1) - 1; j >= 0; j--) {
    const upper = rest;
    const digit = u64(load<u32>(DIVIDEND + (j << 2)));
    const estimate = inverse * (upper >> 32) + upper;
    let result = (estimate >> 32) + 1;
    rest = (upper << 32 | digit) - result * divisor;
    const isTooLarge = rest >> 32 >= (estimate & MASK);
    result -= u64(isTooLarge);
    rest += isTooLarge ? divisor : 0;
    if (rest >= divisor) {
      result++;
      rest -= divisor;
    }
    store<u32>(quotient + (j << 2), u32(result));
  }
  return rest >> lift;
}

/**
 * Algorithm D: divides the `limbs` limbs at `a` by the word `b`; a >= b >= 2^64. The quotient goes
 * to `quotient`, which may be a or b.
 *
 * Both are shifted up until the divisor fills its word; the remainder stays at REMAINDER, shifted
 * up by the number of bits that is the answer. It is held in four limbs r3..r0 that take in one
 * digit of the dividend after the other.
 */
function divideLong(quotient: usize, a: usize, limbs: i32, b: usize): u32 {
  const lift = leadingZeros(b);
  shlBits(DIVISOR, b, lift);
  const d0 = load<u64>(DIVISOR);
  const d1 = load<u64>(DIVISOR, 8);
  const d2 = load<u64>(DIVISOR, 16);
  const d3 = load<u64>(DIVISOR, 24);
  const inverse = reciprocal(d3);
  const used = limbCount(a, limbs);
  shiftUp(DIVIDEND, a, used, lift & 63);
  zero(quotient);

  // Whole limbs of the shift are the zeros below the dividend.
  const whole: i32 = lift >> 6;
  const start = DIVIDEND - (whole << 3);
  const top = start + ((used + whole) << 3);
  let r3 = load<u64>(top);
  let r2 = load<u64>(top - 8);
  let r1 = load<u64>(top - 16);
  let r0 = load<u64>(top - 24);
  for (let j: i32 = ((used + whole - 3) << 1) - 1; j >= 0; j--) {
    const upper = r3;
    const next = r2 >> 32;
    r3 = r3 << 32 | next;
    r2 = r2 << 32 | r1 >> 32;
    r1 = r1 << 32 | r0 >> 32;
    r0 = r0 << 32 | u64(load<u32>(start + (j << 2)));
    // Leading digits that can only be 0.
    if (upper < 0x80000000) continue;
    // A digit would be 2^32 when both are equal; the largest digit is then exact.
    const isLargest = upper == d3;
    let digit = MASK;
    if (isLargest) {
      r3 = next + d3;
    } else {
      const estimate = inverse * (upper >> 32) + upper;
      digit = (estimate >> 32) + 1;
      r3 -= digit * d3;
      const isOver = r3 >> 32 >= (estimate & MASK);
      digit -= u64(isOver);
      r3 += isOver ? d3 : 0;
      if (r3 >= d3) {
        digit++;
        r3 -= d3;
      }
    }

    // digit * (d2, d1, d0), each limb's product apart from the others as they are ready sooner.
    const p0 = digit * (d0 & MASK);
    const h0 = digit * (d0 >> 32) + (p0 >> 32);
    const p1 = digit * (d1 & MASK);
    const h1 = digit * (d1 >> 32) + (p1 >> 32);
    const p2 = digit * (d2 & MASK);
    const h2 = digit * (d2 >> 32) + (p2 >> 32);
    const q0 = h0 << 32 | p0 & MASK;
    const q1 = (h1 << 32 | p1 & MASK) + (h0 >> 32);
    const above1 = (h1 >> 32) + u64(q1 < h0 >> 32);
    const q2 = (h2 << 32 | p2 & MASK) + above1;
    let borrow = (h2 >> 32) + u64(q2 < above1);

    const borrow0 = u64(r0 < q0);
    r0 -= q0;
    const s1 = r1 - q1;
    const borrow1 = u64(r1 < q1) | u64(s1 < borrow0);
    r1 = s1 - borrow0;
    const s2 = r2 - q2;
    borrow += u64(r2 < q2) | u64(s2 < borrow1);
    r2 = s2 - borrow1;

    const isTooLarge = r3 < borrow && !isLargest;
    r3 -= borrow;
    if (isTooLarge) {
      digit--;
      r0 += d0;
      const carry0 = u64(r0 < d0);
      r1 += carry0;
      let carry = u64(r1 < carry0);
      r1 += d1;
      carry |= u64(r1 < d1);
      r2 += carry;
      carry = u64(r2 < carry);
      r2 += d2;
      carry |= u64(r2 < d2);
      r3 += d3 + carry;
    }
    store<u32>(quotient + (j << 2), u32(digit));
  }
  store<u64>(REMAINDER, r0);
  store<u64>(REMAINDER, r1, 8);
  store<u64>(REMAINDER, r2, 16);
  store<u64>(REMAINDER, r3, 24);
  return lift;
}

/** Limbs of the number at `a` without leading zeros. */
@inline
function limbCount(a: usize, limbs: i32): i32 {
  while (limbs > 0 && load<u64>(a + ((limbs - 1) << 3)) == 0) limbs--;
  return limbs;
}

/** Zero bits above the highest that is set in a word other than 0. */
function leadingZeros(a: usize): u32 {
  let offset: u32 = 24;
  while (load<u64>(a + offset) == 0) offset -= 8;
  return ((24 - offset) << 3) + u32(i64.clz(load<u64>(a + offset)));
}

/** Writes the limbs at `a`, shifted up by lift < 64 bits, and the limb above them to `out`. */
function shiftUp(out: usize, a: usize, limbs: i32, lift: u64): void {
  const rest: u64 = 63 - lift;
  const end: usize = limbs << 3;
  let below: u64 = 0;
  for (let offset: usize = 0; offset < end; offset += 8) {
    const limb = load<u64>(a + offset);
    store<u64>(out + offset, limb << lift | below >> 1 >> rest);
    below = limb;
  }
  store<u64>(out + end, below >> 1 >> rest);
}
