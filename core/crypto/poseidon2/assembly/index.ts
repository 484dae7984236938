/**
 * Bulk Poseidon2 in fixed memory: the host writes rows at `input()`, calls one function, and reads
 * the results at `output()`. Rows are little-endian u32 words, canonical (each less than p) in and
 * out. Counts are at most `capacity()`; they are rounded up to four, so that up to three rows past
 * the last one are computed too and mean nothing.
 */
import { add, fromMontgomery, toMontgomery } from "./field";
import { permute, prepareRounds, STATE_BYTES } from "./permutation";

/** Rows of one call: large enough to hide the call, small enough for the second-level cache. */
const CAPACITY: i32 = 1024;
/** The longest row: a head of 8 words and four blocks of 16 bytes. */
const INPUT_ROW_BYTES: i32 = 96;
const OUTPUT_ROW_BYTES: i32 = 64;

const inputRows: usize = memory.data(CAPACITY * INPUT_ROW_BYTES, 16);
const outputRows: usize = memory.data(CAPACITY * OUTPUT_ROW_BYTES, 16);
const state: usize = memory.data(STATE_BYTES, 16);
const chain: usize = memory.data(128, 16);

prepareRounds();

export function input(): usize {
  return inputRows;
}

export function output(): usize {
  return outputRows;
}

export function capacity(): i32 {
  return CAPACITY;
}

/** Rows of 16 words to their permutations. */
export function permuteRows(count: i32): void {
  for (let row = 0; row < count; row += 4) {
    const source = inputRows + (<usize> row << 6);
    loadState(source, 64);
    permute(state);
    const target = outputRows + (<usize> row << 6);
    for (let block: usize = 0; block < 64; block += 16) {
      const vectors = state + (block << 2);
      storeColumns(
        target + block,
        64,
        v128.load(vectors),
        v128.load(vectors, 16),
        v128.load(vectors, 32),
        v128.load(vectors, 48),
      );
    }
  }
}

/** Rows of two digests to one: the first 8 words of permute(row) + row. */
export function compressPairs(count: i32): void {
  for (let row = 0; row < count; row += 4) {
    loadState(inputRows + (<usize> row << 6), 64);
    memory.copy(chain, state, 128);
    compressState();
    storeDigests(outputRows + (<usize> row << 5));
  }
}

/**
 * Rows of a digest of 8 words followed by `blockCount` (at most 4) blocks of 16 bytes; each block is
 * eight big-endian 16-bit words that are compressed into the digest, first block first.
 */
export function compressChains(count: i32, blockCount: i32): void {
  const rowBytes: usize = 32 + (<usize> blockCount << 4);
  for (let row = 0; row < count; row += 4) {
    const source = inputRows + <usize> row * rowBytes;
    loadColumns(chain, source, rowBytes);
    loadColumns(chain + 64, source + 16, rowBytes);
    for (let block: usize = 32; block < rowBytes; block += 16) {
      memory.copy(state, chain, 128);
      loadHalfWords(source + block, rowBytes);
      compressState();
    }
    storeDigests(outputRows + (<usize> row << 5));
  }
}

/** chain = first 8 words of permute(state) + chain, where the state starts with the chain. */

function compressState(): void {
  permute(state);
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(chain + at, add(v128.load(chain + at), v128.load(state + at)));
  }
}

function loadState(source: usize, rowBytes: usize): void {
  for (let block: usize = 0; block < 64; block += 16) {
    loadColumns(state + (block << 2), source + block, rowBytes);
  }
}

/** Four words of each of four rows to four vectors in Montgomery form. */

function loadColumns(vectors: usize, source: usize, rowBytes: usize): void {
  storeColumnsRaw(
    vectors,
    16,
    toMontgomery(v128.load(source)),
    toMontgomery(v128.load(source + rowBytes)),
    toMontgomery(v128.load(source + 2 * rowBytes)),
    toMontgomery(v128.load(source + 3 * rowBytes)),
  );
}

/** Sixteen bytes of each of four rows to the last eight vectors of the state. */

function loadHalfWords(source: usize, rowBytes: usize): void {
  const row0 = swapBytes(v128.load(source));
  const row1 = swapBytes(v128.load(source + rowBytes));
  const row2 = swapBytes(v128.load(source + 2 * rowBytes));
  const row3 = swapBytes(v128.load(source + 3 * rowBytes));
  storeColumnsRaw(
    state + 128,
    16,
    toMontgomery(i32x4.extend_low_i16x8_u(row0)),
    toMontgomery(i32x4.extend_low_i16x8_u(row1)),
    toMontgomery(i32x4.extend_low_i16x8_u(row2)),
    toMontgomery(i32x4.extend_low_i16x8_u(row3)),
  );
  storeColumnsRaw(
    state + 192,
    16,
    toMontgomery(i32x4.extend_high_i16x8_u(row0)),
    toMontgomery(i32x4.extend_high_i16x8_u(row1)),
    toMontgomery(i32x4.extend_high_i16x8_u(row2)),
    toMontgomery(i32x4.extend_high_i16x8_u(row3)),
  );
}

function swapBytes(a: v128): v128 {
  return v128.shuffle<u8>(a, a, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
}

/** The chain of four rows as canonical digests of 32 bytes each. */

function storeDigests(target: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    const vectors = chain + (half << 2);
    storeColumns(
      target + half,
      32,
      v128.load(vectors),
      v128.load(vectors, 16),
      v128.load(vectors, 32),
      v128.load(vectors, 48),
    );
  }
}

function storeColumns(target: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  storeColumnsRaw(
    target,
    stride,
    fromMontgomery(a),
    fromMontgomery(b),
    fromMontgomery(c),
    fromMontgomery(d),
  );
}

/** Writes the transpose of the 4 by 4 matrix of words, one row every `stride` bytes. */

function storeColumnsRaw(target: usize, stride: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(ab0, cd0, 0, 2));
  v128.store(target + stride, v128.shuffle<i64>(ab0, cd0, 1, 3));
  v128.store(target + 2 * stride, v128.shuffle<i64>(ab1, cd1, 0, 2));
  v128.store(target + 3 * stride, v128.shuffle<i64>(ab1, cd1, 1, 3));
}
