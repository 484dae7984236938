/**
 * Scalars modulo the order n: eight `u32` words, lowest first.
 *
 * n = 2^256 - C, so what lies above 2^256 is folded down with C. Few of these run for each signature;
 * they are short rather than fast.
 */

/** Bytes of a scalar. */
export const SCALAR: usize = 32;

const N: usize = memory.data<u32>([
  0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
]);
const C: usize = memory.data<u32>([0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 0x00000001]);
const C_WORDS = 5;
/** (n - 1) / 2. */
const HALF: usize = memory.data<u32>([
  0x681b20a0, 0xdfe92f46, 0x57a4501d, 0x5d576e73, 0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff,
]);
/** -lambda, a cube root of 1 that multiplies x coordinates by beta (`point.ts`). */
const MINUS_LAMBDA: usize = memory.data<u32>([
  0xb51283cf, 0xe0cfc810, 0x8ec739c2, 0xa880b9fc, 0x77ed9ba4, 0x5ad9e3fd, 0x3fa3cf1f, 0xac9c52b3,
]);
/** The short vectors (a1, b1), (a2, b2) of the lattice of lambda: -b1, -b2, and 2^384 b2 / n, 2^384 (-b1) / n. */
const MINUS_B1: usize = memory.data<u32>([0x0abfe4c3, 0x6f547fa9, 0x010e8828, 0xe4437ed6, 0, 0, 0, 0]);
const MINUS_B2: usize = memory.data<u32>([
  0x3db1562c, 0xd765cda8, 0x0774346d, 0x8a280ac5, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
]);
const G1: usize = memory.data<u32>([
  0x45dbb031, 0xe893209a, 0x71e8ca7f, 0x3daa8a14, 0x9284eb15, 0xe86c90e4, 0xa7d46bcd, 0x3086d221,
]);
const G2: usize = memory.data<u32>([
  0x8ac47f71, 0x1571b4ae, 0x9df506c6, 0x221208ac, 0x0abfe4c4, 0x6f547fa9, 0x010e8828, 0xe4437ed6,
]);

const WIDE: usize = memory.data(72, 16);
const FOLDED: usize = memory.data(72, 16);
const C1: usize = memory.data(32, 16);
const C2: usize = memory.data(32, 16);

/** r = the product of `aWords` and `bWords` words; r is neither of both. */
function multiplyWords(r: usize, a: usize, aWords: u32, b: usize, bWords: u32): void {
  memory.fill(r, 0, (aWords + bWords) << 2);
  for (let i: u32 = 0; i < aWords; i++) {
    const factor: u64 = load<u32>(a + (i << 2));
    let carry: u64 = 0;
    for (let j: u32 = 0; j < bWords; j++) {
      const at = r + ((i + j) << 2);
      carry += factor * <u64>load<u32>(b + (j << 2)) + <u64>load<u32>(at);
      store<u32>(at, <u32>carry);
      carry >>= 32;
    }
    store<u32>(r + ((i + bWords) << 2), <u32>carry);
  }
}

/** Adds `words` words of b to r; the carry out of the last. */
function addWords(r: usize, b: usize, words: u32): u32 {
  let carry: u64 = 0;
  for (let i: u32 = 0; i < words; i++) {
    carry += <u64>load<u32>(r + (i << 2)) + <u64>load<u32>(b + (i << 2));
    store<u32>(r + (i << 2), <u32>carry);
    carry >>= 32;
  }
  return <u32>carry;
}

function isAbove(a: usize, b: usize): bool {
  for (let at: isize = 28; at >= 0; at -= 4) {
    const left = load<u32>(a + at), right = load<u32>(b + at);
    if (left != right) return left > right;
  }
  return false;
}

/** r = b - a, where a is not above b. */
function subtractFrom(r: usize, b: usize, a: usize): void {
  let borrow: i64 = 0;
  for (let at: usize = 0; at < SCALAR; at += 4) {
    borrow += <i64>load<u32>(b + at) - <i64>load<u32>(a + at);
    store<u32>(r + at, <u32>borrow);
    borrow >>= 32;
  }
}

/** Takes n from a number below 2 n. */
export function reduceOnce(a: usize): void {
  if (!isAbove(N, a)) subtractFrom(a, a, N);
}

/** r = a * b mod n; all may be the same. */
export function multiplyScalars(r: usize, a: usize, b: usize): void {
  multiplyWords(WIDE, a, 8, b, 8);
  // 512 bits, then 386, then 260, then below 2^256 + 2^134: each time what is above 2^256 goes times C.
  let highWords: u32 = 8;
  while (highWords > 0) {
    multiplyWords(FOLDED, WIDE + SCALAR, highWords, C, C_WORDS);
    const words = highWords + C_WORDS;
    const width: u32 = words > 8 ? words : 8;
    memory.fill(WIDE + SCALAR, 0, 40);
    memory.fill(FOLDED + (words << 2), 0, 72 - (words << 2));
    store<u32>(WIDE + (width << 2), addWords(WIDE, FOLDED, width));
    highWords = 5;
    while (highWords > 0 && load<u32>(WIDE + SCALAR + ((highWords - 1) << 2)) == 0) highWords--;
  }
  memory.copy(r, WIDE, SCALAR);
  reduceOnce(r);
}

/** r = -a mod n; both may be the same. */
export function negateScalar(r: usize, a: usize): void {
  if (isZeroScalar(a)) memory.fill(r, 0, SCALAR);
  else subtractFrom(r, N, a);
}

export function isZeroScalar(a: usize): bool {
  let bits: u32 = 0;
  for (let at: usize = 0; at < SCALAR; at += 4) bits |= load<u32>(a + at);
  return bits == 0;
}

/** Whether a is in [1, n). */
export function isInRange(a: usize): bool {
  return !isZeroScalar(a) && isAbove(N, a);
}

/** Whether -a is the smaller one of both. */
export function isHigh(a: usize): bool {
  return isAbove(a, HALF);
}

/** r = round(k * g / 2^384). */
function multiplyShift(r: usize, k: usize, g: usize): void {
  multiplyWords(WIDE, k, 8, g, 8);
  memory.fill(r, 0, SCALAR);
  memory.copy(r, WIDE + 48, 16);
  let carry: u64 = load<u32>(WIDE, 44) >> 31;
  for (let at: usize = 0; at < SCALAR; at += 4) {
    carry += <u64>load<u32>(r + at);
    store<u32>(r + at, <u32>carry);
    carry >>= 32;
  }
}

/** k = k1 + k2 lambda mod n with k1 and k2, or their negatives, of 128 bits about. */
export function splitScalar(k1: usize, k2: usize, k: usize): void {
  multiplyShift(C1, k, G1);
  multiplyShift(C2, k, G2);
  multiplyScalars(C1, C1, MINUS_B1);
  multiplyScalars(C2, C2, MINUS_B2);
  addScalars(k2, C1, C2);
  multiplyScalars(C1, k2, MINUS_LAMBDA);
  addScalars(k1, C1, k);
}

/** r = a + b mod n. */
function addScalars(r: usize, a: usize, b: usize): void {
  if (r != a) memory.copy(r, a, SCALAR);
  const carry = addWords(r, b, 8);
  // A carry stands for 2^256 = n + C, and r is far below n then.
  if (carry != 0) {
    memory.fill(FOLDED, 0, SCALAR);
    memory.copy(FOLDED, C, 20);
    addWords(r, FOLDED, 8);
  }
  reduceOnce(r);
}

/** r = the words of 32 bytes, big-endian. */
export function scalarFromBytes(r: usize, bytes: usize): void {
  for (let at: usize = 0; at < SCALAR; at += 4) store<u32>(r + at, bswap<u32>(load<u32>(bytes + 28 - at)));
}
