/**
 * The compression function of BLAKE2b with a free number of rounds (EIP-152).
 *
 * Rows of the 4x4 state are pairs of 128-bit vectors, so that one step of G serves two columns. The
 * message is put in order for all ten permutations first: rounds then only load vectors.
 */

// prettier-ignore
const SIGMA: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
  11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
  7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
  9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
  2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
  12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
  13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
  6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
  10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
]);
/** Where the vector loads of a round find the words: evens of a half round, then odds. */
// prettier-ignore
const LOAD_ORDER: usize = memory.data<u8>([
  0, 2, 4, 6, 1, 3, 5, 7, 8, 10, 12, 14, 9, 11, 13, 15,
]);
// prettier-ignore
const IV: usize = memory.data<u64>([
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
]);
const PERMUTATIONS: u32 = 10;
/** The message in the order of each permutation: 16 words each. */
const SCHEDULE: usize = memory.data(1280, 16);

export const BLAKE2F_INPUT_BYTES: u32 = 213;
const OFFSET_STATE: usize = 4;
const OFFSET_MESSAGE: usize = 68;
const OFFSET_COUNTER: usize = 196;
const OFFSET_FINAL: usize = 212;

/** The number of rounds that an input of the right length asks for; its price too. */
export function blake2fRounds(src: usize): u32 {
  return bswap<u32>(load<u32>(src));
}

/** Writes the new 64-byte state to `out`; false when the final flag is neither 0 nor 1. */
export function blake2f(out: usize, src: usize): bool {
  const isFinal = load<u8>(src + OFFSET_FINAL);
  if (isFinal > 1) return false;
  orderMessage(src + OFFSET_MESSAGE);

  const state = src + OFFSET_STATE;
  let a0 = v128.load(state);
  let a1 = v128.load(state, 16);
  let b0 = v128.load(state, 32);
  let b1 = v128.load(state, 48);
  let c0 = v128.load(IV);
  let c1 = v128.load(IV, 16);
  let d0 = v128.xor(v128.load(IV, 32), v128.load(src + OFFSET_COUNTER));
  let d1 = v128.load(IV, 48);
  if (isFinal == 1) d1 = v128.xor(d1, i64x2(-1, 0));

  const rounds = blake2fRounds(src);
  let row = SCHEDULE;
  for (let round: u32 = 0; round < rounds; round++) {
    // Columns.
    a0 = i64x2.add(i64x2.add(a0, b0), v128.load(row));
    a1 = i64x2.add(i64x2.add(a1, b1), v128.load(row, 16));
    d0 = rotate32(v128.xor(d0, a0));
    d1 = rotate32(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate24(v128.xor(b0, c0));
    b1 = rotate24(v128.xor(b1, c1));
    a0 = i64x2.add(i64x2.add(a0, b0), v128.load(row, 32));
    a1 = i64x2.add(i64x2.add(a1, b1), v128.load(row, 48));
    d0 = rotate16(v128.xor(d0, a0));
    d1 = rotate16(v128.xor(d1, a1));
    c0 = i64x2.add(c0, d0);
    c1 = i64x2.add(c1, d1);
    b0 = rotate63(v128.xor(b0, c0));
    b1 = rotate63(v128.xor(b1, c1));

    // Diagonals: rows turn by one, two and three places, so that diagonals become columns.
    const b0Turned = v128.shuffle<u64>(b0, b1, 1, 2);
    const b1Turned = v128.shuffle<u64>(b1, b0, 1, 2);
    const d0Turned = v128.shuffle<u64>(d1, d0, 1, 2);
    const d1Turned = v128.shuffle<u64>(d0, d1, 1, 2);
    a0 = i64x2.add(i64x2.add(a0, b0Turned), v128.load(row, 64));
    a1 = i64x2.add(i64x2.add(a1, b1Turned), v128.load(row, 80));
    d0 = rotate32(v128.xor(d0Turned, a0));
    d1 = rotate32(v128.xor(d1Turned, a1));
    // The row c turns by two places: its vectors swap.
    c1 = i64x2.add(c1, d0);
    c0 = i64x2.add(c0, d1);
    b0 = rotate24(v128.xor(b0Turned, c1));
    b1 = rotate24(v128.xor(b1Turned, c0));
    a0 = i64x2.add(i64x2.add(a0, b0), v128.load(row, 96));
    a1 = i64x2.add(i64x2.add(a1, b1), v128.load(row, 112));
    d0 = rotate16(v128.xor(d0, a0));
    d1 = rotate16(v128.xor(d1, a1));
    c1 = i64x2.add(c1, d0);
    c0 = i64x2.add(c0, d1);
    b0 = rotate63(v128.xor(b0, c1));
    b1 = rotate63(v128.xor(b1, c0));
    const b0Back = v128.shuffle<u64>(b1, b0, 1, 2);
    b1 = v128.shuffle<u64>(b0, b1, 1, 2);
    b0 = b0Back;
    const d0Back = v128.shuffle<u64>(d0, d1, 1, 2);
    d1 = v128.shuffle<u64>(d1, d0, 1, 2);
    d0 = d0Back;

    row += 128;
    if (row == SCHEDULE + 1280) row = SCHEDULE;
  }

  // All of the old state is read before any of the new one is written: they may overlap.
  const r0 = v128.xor(v128.load(state), v128.xor(a0, c0));
  const r1 = v128.xor(v128.load(state, 16), v128.xor(a1, c1));
  const r2 = v128.xor(v128.load(state, 32), v128.xor(b0, d0));
  const r3 = v128.xor(v128.load(state, 48), v128.xor(b1, d1));
  v128.store(out, r0);
  v128.store(out, r1, 16);
  v128.store(out, r2, 32);
  v128.store(out, r3, 48);
  return true;
}

function orderMessage(message: usize): void {
  for (let permutation: u32 = 0; permutation < PERMUTATIONS; permutation++) {
    const sigma = SIGMA + permutation * 16;
    const row = SCHEDULE + permutation * 128;
    for (let i: usize = 0; i < 16; i++) {
      const word = load<u8>(sigma + load<u8>(LOAD_ORDER + i));
      store<u64>(row + (i << 3), load<u64>(message + (<usize> word << 3)));
    }
  }
}
@inline
function rotate32(x: v128): v128 {
  return i8x16.shuffle(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11);
}
@inline
function rotate24(x: v128): v128 {
  return i8x16.shuffle(x, x, 3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
}
@inline
function rotate16(x: v128): v128 {
  return i8x16.shuffle(x, x, 2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);
}
@inline
function rotate63(x: v128): v128 {
  return v128.xor(i64x2.add(x, x), i64x2.shr_u(x, 63));
}
