/**
 * SHA-256 (FIPS 180-4).
 *
 * Counts the blocks that it compresses.
 */
import { COUNTER_SHA256_BLOCKS } from "./layout";
import { count } from "./memory";

// prettier-ignore
const ROUND_CONSTANTS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
/** Message schedule: 64 words. */
const SCHEDULE: usize = memory.data(256, 16);
/** Chaining value: 8 words. */
const STATE: usize = memory.data(32, 16);
/** The last one or two blocks, with padding. */
const TAIL: usize = memory.data(128, 16);

const BLOCK_BYTES: u32 = 64;

/** Writes the 32-byte digest of `length` bytes at `src` to `out`; they may overlap. */
export function sha256(out: usize, src: usize, length: u32): void {
  store<u32>(STATE, 0x6a09e667, 0);
  store<u32>(STATE, 0xbb67ae85, 4);
  store<u32>(STATE, 0x3c6ef372, 8);
  store<u32>(STATE, 0xa54ff53a, 12);
  store<u32>(STATE, 0x510e527f, 16);
  store<u32>(STATE, 0x9b05688c, 20);
  store<u32>(STATE, 0x1f83d9ab, 24);
  store<u32>(STATE, 0x5be0cd19, 28);

  const wholeBlocks = length / BLOCK_BYTES;
  for (let i: u32 = 0; i < wholeBlocks; i++) compress(src + i * BLOCK_BYTES);

  const rest = length % BLOCK_BYTES;
  // 0x80 and the 8-byte length need 9 bytes after the message.
  const tailBytes = rest + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES;
  memory.fill(TAIL, 0, tailBytes);
  memory.copy(TAIL, src + wholeBlocks * BLOCK_BYTES, rest);
  store<u8>(TAIL + rest, 0x80);
  store<u64>(TAIL + tailBytes - 8, bswap<u64>(<u64> length * 8));
  compress(TAIL);
  if (tailBytes > BLOCK_BYTES) compress(TAIL + BLOCK_BYTES);
  count(COUNTER_SHA256_BLOCKS, wholeBlocks + tailBytes / BLOCK_BYTES);

  for (let i: usize = 0; i < 32; i += 4) store<u32>(out + i, bswap<u32>(load<u32>(STATE + i)));
}

function compress(block: usize): void {
  for (let i: usize = 0; i < 64; i += 4) {
    store<u32>(SCHEDULE + i, bswap<u32>(load<u32>(block + i)));
  }
  for (let at: usize = SCHEDULE + 64; at < SCHEDULE + 256; at += 4) {
    const w15 = load<u32>(at - 60);
    const w2 = load<u32>(at - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
    store<u32>(at, load<u32>(at - 64) + s0 + load<u32>(at - 28) + s1);
  }

  let a = load<u32>(STATE, 0);
  let b = load<u32>(STATE, 4);
  let c = load<u32>(STATE, 8);
  let d = load<u32>(STATE, 12);
  let e = load<u32>(STATE, 16);
  let f = load<u32>(STATE, 20);
  let g = load<u32>(STATE, 24);
  let h = load<u32>(STATE, 28);
  // Eight rounds at a time: the roles of the words turn once around, so nothing is moved.
  for (let i: usize = 0; i < 256; i += 32) {
    h = mix(e, f, g, h, i);
    d += h;
    h += spread(a, b, c);
    g = mix(d, e, f, g, i + 4);
    c += g;
    g += spread(h, a, b);
    f = mix(c, d, e, f, i + 8);
    b += f;
    f += spread(g, h, a);
    e = mix(b, c, d, e, i + 12);
    a += e;
    e += spread(f, g, h);
    d = mix(a, b, c, d, i + 16);
    h += d;
    d += spread(e, f, g);
    c = mix(h, a, b, c, i + 20);
    g += c;
    c += spread(d, e, f);
    b = mix(g, h, a, b, i + 24);
    f += b;
    b += spread(c, d, e);
    a = mix(f, g, h, a, i + 28);
    e += a;
    a += spread(b, c, d);
  }
  store<u32>(STATE, load<u32>(STATE, 0) + a, 0);
  store<u32>(STATE, load<u32>(STATE, 4) + b, 4);
  store<u32>(STATE, load<u32>(STATE, 8) + c, 8);
  store<u32>(STATE, load<u32>(STATE, 12) + d, 12);
  store<u32>(STATE, load<u32>(STATE, 16) + e, 16);
  store<u32>(STATE, load<u32>(STATE, 20) + f, 20);
  store<u32>(STATE, load<u32>(STATE, 24) + g, 24);
  store<u32>(STATE, load<u32>(STATE, 28) + h, 28);
}

/** T1 of the standard, for the round whose constant and word are at offset `i`. */
@inline
function mix(e: u32, f: u32, g: u32, h: u32, i: usize): u32 {
  return h + (rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25)) + (g ^ (e & (f ^ g))) +
    load<u32>(ROUND_CONSTANTS + i) + load<u32>(SCHEDULE + i);
}

/** T2 of the standard. */
@inline
function spread(a: u32, b: u32, c: u32): u32 {
  return (rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22)) + ((a & b) | (c & (a | b)));
}
