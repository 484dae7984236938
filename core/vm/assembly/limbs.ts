/**
 * Words limb by limb: moves, comparisons, sums and bitwise operations.
 *
 * Everything here is small, inlined and almost free of branches: carries come from comparisons.
 * All limbs of the inputs are read before the first is written, so that `out` may be an input.
 * Operands are read limb by limb even where vectors would take fewer instructions: a vector load
 * right behind the limb stores of a sum waits until those have left the store buffer, while a limb
 * is forwarded out of a vector store at once.
 */
@inline
export function zero(out: usize): void {
  const none = i64x2.splat(0);
  v128.store(out, none);
  v128.store(out, none, 16);
}
@inline
export function copy(out: usize, src: usize): void {
  const r0 = load<u64>(src);
  const r1 = load<u64>(src, 8);
  const r2 = load<u64>(src, 16);
  const r3 = load<u64>(src, 24);
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}
@inline
export function setU64(out: usize, value: u64): void {
  store<u64>(out, value);
  store<u64>(out, 0, 8);
  store<u64>(out, 0, 16);
  store<u64>(out, 0, 24);
}

/** Reads 32 big-endian bytes. */
@inline
export function loadBE(out: usize, src: usize): void {
  const upper = reversed(v128.load(src));
  const lower = reversed(v128.load(src, 16));
  v128.store(out, lower);
  v128.store(out, upper, 16);
}

/** Writes 32 big-endian bytes. */
@inline
export function storeBE(out: usize, src: usize): void {
  const upper = reversed(v128.load(src));
  const lower = reversed(v128.load(src, 16));
  v128.store(out, lower);
  v128.store(out, upper, 16);
}

/**
 * Reads a big-endian number of `length` bytes, 0 to 32.
 *
 * It loads the 32 bytes that end where the number ends and masks what is before it; so the number
 * must not end below address 32, and nothing behind its end is touched.
 */
@inline
export function loadBytesBE(out: usize, src: usize, length: u32): void {
  const end = src + length;
  const lower = reversed(v128.load(end - 16));
  const upper = reversed(v128.load(end - 32));
  const count = i8x16.splat(i8(length));
  const inLower = i8x16.lt_u(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), count);
  const inUpper = i8x16.lt_u(
    i8x16(16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31),
    count,
  );
  v128.store(out, v128.and(lower, inLower));
  v128.store(out, v128.and(upper, inUpper), 16);
}
@inline
function reversed(bytes: v128): v128 {
  return v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** The least significant limb. */
@inline
export function low(a: usize): u64 {
  return load<u64>(a);
}

/** Whether the word is below 2^64. */
@inline
export function fitsU64(a: usize): bool {
  return (load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}
@inline
export function isZero(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}
@inline
export function equal(a: usize, b: usize): bool {
  return (
    (load<u64>(a) ^ load<u64>(b)) |
    (load<u64>(a, 8) ^ load<u64>(b, 8)) |
    (load<u64>(a, 16) ^ load<u64>(b, 16)) |
    (load<u64>(a, 24) ^ load<u64>(b, 24))
  ) == 0;
}

/** Whether a < b, unsigned. */
@inline
export function less(a: usize, b: usize): bool {
  const topA = load<u64>(a, 24);
  const topB = load<u64>(b, 24);
  return (i32(topA < topB) | (i32(topA == topB) & lowerLess(a, b))) != 0;
}

/** Whether a < b as two's complement. */
@inline
export function signedLess(a: usize, b: usize): bool {
  const topA = load<i64>(a, 24);
  const topB = load<i64>(b, 24);
  return (i32(topA < topB) | (i32(topA == topB) & lowerLess(a, b))) != 0;
}

/** 1 when a < b by the lower three limbs. */
@inline
function lowerLess(a: usize, b: usize): i32 {
  const a1 = load<u64>(a, 8);
  const b1 = load<u64>(b, 8);
  const a2 = load<u64>(a, 16);
  const b2 = load<u64>(b, 16);
  const less0 = i32(load<u64>(a) < load<u64>(b));
  const less1 = i32(a1 < b1) | (i32(a1 == b1) & less0);
  return i32(a2 < b2) | (i32(a2 == b2) & less1);
}

/** Bytes that the word takes without leading zeros, 0 to 32. */
export function byteLength(a: usize): i32 {
  for (let offset: i32 = 24; offset >= 0; offset -= 8) {
    const limb = load<u64>(a + offset);
    if (limb != 0) return offset + 8 - (i32(i64.clz(limb)) >> 3);
  }
  return 0;
}

/** Answers the carry. */
@inline
export function add(out: usize, a: usize, b: usize): bool {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const r0 = a0 + load<u64>(b);
  const carry0 = u64(r0 < a0);
  const s1 = a1 + load<u64>(b, 8);
  const r1 = s1 + carry0;
  const carry1 = u64(s1 < a1) | u64(r1 < s1);
  const s2 = a2 + load<u64>(b, 16);
  const r2 = s2 + carry1;
  const carry2 = u64(s2 < a2) | u64(r2 < s2);
  const s3 = a3 + load<u64>(b, 24);
  const r3 = s3 + carry2;
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
  return (i32(s3 < a3) | i32(r3 < s3)) != 0;
}

/** Answers the borrow. */
@inline
export function sub(out: usize, a: usize, b: usize): bool {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const r0 = a0 - load<u64>(b);
  const borrow0 = u64(r0 > a0);
  const s1 = a1 - load<u64>(b, 8);
  const r1 = s1 - borrow0;
  const borrow1 = u64(s1 > a1) | u64(r1 > s1);
  const s2 = a2 - load<u64>(b, 16);
  const r2 = s2 - borrow1;
  const borrow2 = u64(s2 > a2) | u64(r2 > s2);
  const s3 = a3 - load<u64>(b, 24);
  const r3 = s3 - borrow2;
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
  return (i32(s3 > a3) | i32(r3 > s3)) != 0;
}

/** Two's complement of the word. */
export function negate(out: usize, a: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  store<u64>(out, 0 - a0);
  store<u64>(out, ~a1 + u64(a0 == 0), 8);
  store<u64>(out, ~a2 + u64((a0 | a1) == 0), 16);
  store<u64>(out, ~a3 + u64((a0 | a1 | a2) == 0), 24);
}
@inline
export function and(out: usize, a: usize, b: usize): void {
  const r0 = load<u64>(a) & load<u64>(b);
  const r1 = load<u64>(a, 8) & load<u64>(b, 8);
  const r2 = load<u64>(a, 16) & load<u64>(b, 16);
  const r3 = load<u64>(a, 24) & load<u64>(b, 24);
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}
@inline
export function or(out: usize, a: usize, b: usize): void {
  const r0 = load<u64>(a) | load<u64>(b);
  const r1 = load<u64>(a, 8) | load<u64>(b, 8);
  const r2 = load<u64>(a, 16) | load<u64>(b, 16);
  const r3 = load<u64>(a, 24) | load<u64>(b, 24);
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}
@inline
export function xor(out: usize, a: usize, b: usize): void {
  const r0 = load<u64>(a) ^ load<u64>(b);
  const r1 = load<u64>(a, 8) ^ load<u64>(b, 8);
  const r2 = load<u64>(a, 16) ^ load<u64>(b, 16);
  const r3 = load<u64>(a, 24) ^ load<u64>(b, 24);
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}
@inline
export function not(out: usize, a: usize): void {
  const r0 = ~load<u64>(a);
  const r1 = ~load<u64>(a, 8);
  const r2 = ~load<u64>(a, 16);
  const r3 = ~load<u64>(a, 24);
  store<u64>(out, r0);
  store<u64>(out, r1, 8);
  store<u64>(out, r2, 16);
  store<u64>(out, r3, 24);
}
