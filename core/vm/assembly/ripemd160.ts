/**
 * RIPEMD-160.
 */

/** Which word of the block each step takes: 80 of the left line, 80 of the right. */
// prettier-ignore
const WORD_ORDER: usize = memory.data<u8>([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
  7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8,
  3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12,
  1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2,
  4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13,

  5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12,
  6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2,
  15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13,
  8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14,
  12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11,
]);
/** How far each step rotates, in the same order. */
// prettier-ignore
const ROTATIONS: usize = memory.data<u8>([
  11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8,
  7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12,
  11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5,
  11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12,
  9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6,

  8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6,
  9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11,
  9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5,
  15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8,
  8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11,
]);
// prettier-ignore
const ADDED: usize = memory.data<u32>([
  0x00000000, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e,
  0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0x00000000,
]);
const STEPS: u32 = 80;

/** Chaining value: 5 words. */
const STATE: usize = memory.data(20, 16);
/** What the left line ended with: 5 words. */
const LEFT: usize = memory.data(20, 16);
const RIGHT: usize = memory.data(20, 16);
/** The last one or two blocks, with padding. */
const TAIL: usize = memory.data(128, 16);

const BLOCK_BYTES: u32 = 64;

/** Writes the 20-byte digest of `length` bytes at `src` to `out`; they may overlap. */
export function ripemd160(out: usize, src: usize, length: u32): void {
  store<u32>(STATE, 0x67452301, 0);
  store<u32>(STATE, 0xefcdab89, 4);
  store<u32>(STATE, 0x98badcfe, 8);
  store<u32>(STATE, 0x10325476, 12);
  store<u32>(STATE, 0xc3d2e1f0, 16);

  const wholeBlocks = length / BLOCK_BYTES;
  for (let i: u32 = 0; i < wholeBlocks; i++) compress(src + i * BLOCK_BYTES);

  const rest = length % BLOCK_BYTES;
  const tailBytes = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  memory.fill(TAIL, 0, tailBytes);
  memory.copy(TAIL, src + wholeBlocks * BLOCK_BYTES, rest);
  store<u8>(TAIL + rest, 0x80);
  store<u64>(TAIL + tailBytes - 8, <u64> length * 8);
  compress(TAIL);
  if (tailBytes > BLOCK_BYTES) compress(TAIL + BLOCK_BYTES);

  memory.copy(out, STATE, 20);
}

function compress(block: usize): void {
  runLine(block, 0, LEFT);
  runLine(block, 1, RIGHT);
  const a = load<u32>(STATE, 0);
  store<u32>(STATE, load<u32>(STATE, 4) + load<u32>(LEFT, 8) + load<u32>(RIGHT, 12), 0);
  store<u32>(STATE, load<u32>(STATE, 8) + load<u32>(LEFT, 12) + load<u32>(RIGHT, 16), 4);
  store<u32>(STATE, load<u32>(STATE, 12) + load<u32>(LEFT, 16) + load<u32>(RIGHT, 0), 8);
  store<u32>(STATE, load<u32>(STATE, 16) + load<u32>(LEFT, 0) + load<u32>(RIGHT, 4), 12);
  store<u32>(STATE, a + load<u32>(LEFT, 4) + load<u32>(RIGHT, 8), 16);
}

/** Runs the left (0) or right (1) line from the chaining value and writes its words to `out`. */
function runLine(block: usize, line: u32, out: usize): void {
  const order = WORD_ORDER + line * STEPS;
  const rotations = ROTATIONS + line * STEPS;
  const added = ADDED + line * 20;
  let a = load<u32>(STATE, 0);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  for (let step: u32 = 0; step < STEPS; step++) {
    const part = step >> 4;
    // The right line takes the functions in reverse.
    const kind = line == 0 ? part : 4 - part;
    const word = load<u32>(block + (<usize> load<u8>(order + step) << 2));
    const sum = a + choose(kind, b, c, d) + word + load<u32>(added + (part << 2));
    const next = rotl<u32>(sum, load<u8>(rotations + step)) + e;
    a = e;
    e = d;
    d = rotl<u32>(c, 10);
    c = b;
    b = next;
  }
  store<u32>(out, a, 0);
  store<u32>(out, b, 4);
  store<u32>(out, c, 8);
  store<u32>(out, d, 12);
  store<u32>(out, e, 16);
}
@inline
function choose(kind: u32, x: u32, y: u32, z: u32): u32 {
  if (kind == 0) return x ^ y ^ z;
  if (kind == 1) return (x & y) | (~x & z);
  if (kind == 2) return (x | ~y) ^ z;
  if (kind == 3) return (x & z) | (y & ~z);
  return x ^ (y | ~z);
}
