/**
 * keccak256 (the padding of Ethereum, not that of SHA-3) over memory.
 *
 * Owns the sponge and the permutation. Between the first block and the digest, lanes 1, 2, 8, 12,
 * 17 and 20 are kept complemented: that turns nearly all of chi's 25 negations into or/and.
 */
import { COUNTER_KECCAK_F } from "./layout";
import { count } from "./memory";

const RATE_BYTES: u32 = 136;

/** The lanes before and after a round; the next round goes the other way. */
const LANES_A: usize = memory.data(200, 16);
const LANES_E: usize = memory.data(200, 16);

const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
  0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
  0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);

const LAST_ROUND_PAIR: usize = ROUND_CONSTANTS + 176;

// Lanes are memory at constant addresses, not locals: twenty-five locals go to the machine's stack
// anyhow, and from one turn of the loop to the next they would be copied there.
@inline
function a(lane: usize): u64 {
  return load<u64>(LANES_A + (lane << 3));
}
@inline
function e(lane: usize): u64 {
  return load<u64>(LANES_E + (lane << 3));
}
@inline
function setA(lane: usize, value: u64): void {
  store<u64>(LANES_A + (lane << 3), value);
}
@inline
function setE(lane: usize, value: u64): void {
  store<u64>(LANES_E + (lane << 3), value);
}

/** Writes the 32 bytes of the digest to `out`, which may lie inside the input. */
export function keccak256(out: usize, src: usize, length: u32): void {
  clearLanes();
  let permutations: u64 = 1;
  while (length >= RATE_BYTES) {
    absorbBlock(src);
    permute(0);
    permutations++;
    src += RATE_BYTES;
    length -= RATE_BYTES;
  }
  absorbTail(src, length);
  permute(out);
  count(COUNTER_KECCAK_F, permutations);
}

/** All zero, which is all ones in the lanes that are kept complemented. */
@inline
function clearLanes(): void {
  setA(0, 0);
  setA(1, -1);
  setA(2, -1);
  setA(3, 0);
  setA(4, 0);
  setA(5, 0);
  setA(6, 0);
  setA(7, 0);
  setA(8, -1);
  setA(9, 0);
  setA(10, 0);
  setA(11, 0);
  setA(12, -1);
  setA(13, 0);
  setA(14, 0);
  setA(15, 0);
  setA(16, 0);
  setA(17, -1);
  setA(18, 0);
  setA(19, 0);
  setA(20, -1);
  setA(21, 0);
  setA(22, 0);
  setA(23, 0);
  setA(24, 0);
}
@inline
function absorbLane(offset: usize, value: u64): void {
  store<u64>(LANES_A + offset, load<u64>(LANES_A + offset) ^ value);
}

function absorbBlock(src: usize): void {
  for (let offset: usize = 0; offset < RATE_BYTES; offset += 8) {
    absorbLane(offset, load<u64>(src + offset));
  }
}

/** The last block: fewer than 136 bytes and the padding. Never reads behind the input. */
function absorbTail(src: usize, length: u32): void {
  let offset: usize = 0;
  for (; offset + 8 <= length; offset += 8) absorbLane(offset, load<u64>(src + offset));
  let last: u64 = 0;
  let shift: u64 = 0;
  for (let index: usize = offset; index < length; index++) {
    last |= u64(load<u8>(src + index)) << shift;
    shift += 8;
  }
  absorbLane(offset, last | u64(1) << shift);
  absorbLane(RATE_BYTES - 8, 0x8000000000000000);
}

/**
 * keccak-f[1600] on LANES_A. When `out` is not 0 the four first lanes are the digest and go there
 * instead: then the last round is only that much of it.
 *
 * Two rounds each turn, from a to e and back; unrolling more was measured and is not faster.
 */
function permute(out: usize): void {
  let b0: u64, b1: u64, b2: u64, b3: u64, b4: u64;
  let c0: u64, c1: u64, c2: u64, c3: u64, c4: u64;
  let d0: u64, d1: u64, d2: u64, d3: u64, d4: u64;
  // The last row is summed up again before its stores are done: it stays at hand (4 % measured).
  let e20: u64, e21: u64, e22: u64, e23: u64, e24: u64;
  for (let constant = ROUND_CONSTANTS; constant <= LAST_ROUND_PAIR; constant += 16) {
    c0 = a(0) ^ a(5) ^ a(10) ^ a(15) ^ a(20);
    c1 = a(1) ^ a(6) ^ a(11) ^ a(16) ^ a(21);
    c2 = a(2) ^ a(7) ^ a(12) ^ a(17) ^ a(22);
    c3 = a(3) ^ a(8) ^ a(13) ^ a(18) ^ a(23);
    c4 = a(4) ^ a(9) ^ a(14) ^ a(19) ^ a(24);
    d0 = c4 ^ rotl<u64>(c1, 1);
    d1 = c0 ^ rotl<u64>(c2, 1);
    d2 = c1 ^ rotl<u64>(c3, 1);
    d3 = c2 ^ rotl<u64>(c4, 1);
    d4 = c3 ^ rotl<u64>(c0, 1);
    b0 = a(0) ^ d0;
    b1 = rotl<u64>(a(6) ^ d1, 44);
    b2 = rotl<u64>(a(12) ^ d2, 43);
    b3 = rotl<u64>(a(18) ^ d3, 21);
    b4 = rotl<u64>(a(24) ^ d4, 14);
    setE(0, b0 ^ (b1 | b2) ^ load<u64>(constant));
    setE(1, b1 ^ (~b2 | b3));
    setE(2, b2 ^ (b3 & b4));
    setE(3, b3 ^ (b4 | b0));
    setE(4, b4 ^ (b0 & b1));
    b0 = rotl<u64>(a(3) ^ d3, 28);
    b1 = rotl<u64>(a(9) ^ d4, 20);
    b2 = rotl<u64>(a(10) ^ d0, 3);
    b3 = rotl<u64>(a(16) ^ d1, 45);
    b4 = rotl<u64>(a(22) ^ d2, 61);
    setE(5, b0 ^ (b1 | b2));
    setE(6, b1 ^ (b2 & b3));
    setE(7, b2 ^ (b3 | ~b4));
    setE(8, b3 ^ (b4 | b0));
    setE(9, b4 ^ (b0 & b1));
    b0 = rotl<u64>(a(1) ^ d1, 1);
    b1 = rotl<u64>(a(7) ^ d2, 6);
    b2 = rotl<u64>(a(13) ^ d3, 25);
    b3 = rotl<u64>(a(19) ^ d4, 8);
    b4 = rotl<u64>(a(20) ^ d0, 18);
    setE(10, b0 ^ (b1 | b2));
    setE(11, b1 ^ (b2 & b3));
    setE(12, b2 ^ (~b3 & b4));
    setE(13, ~b3 ^ (b4 | b0));
    setE(14, b4 ^ (b0 & b1));
    b0 = rotl<u64>(a(4) ^ d4, 27);
    b1 = rotl<u64>(a(5) ^ d0, 36);
    b2 = rotl<u64>(a(11) ^ d1, 10);
    b3 = rotl<u64>(a(17) ^ d2, 15);
    b4 = rotl<u64>(a(23) ^ d3, 56);
    setE(15, b0 ^ (b1 & b2));
    setE(16, b1 ^ (b2 | b3));
    setE(17, b2 ^ (~b3 | b4));
    setE(18, ~b3 ^ (b4 & b0));
    setE(19, b4 ^ (b0 | b1));
    b0 = rotl<u64>(a(2) ^ d2, 62);
    b1 = rotl<u64>(a(8) ^ d3, 55);
    b2 = rotl<u64>(a(14) ^ d4, 39);
    b3 = rotl<u64>(a(15) ^ d0, 41);
    b4 = rotl<u64>(a(21) ^ d1, 2);
    e20 = b0 ^ (~b1 & b2);
    setE(20, e20);
    e21 = ~b1 ^ (b2 | b3);
    setE(21, e21);
    e22 = b2 ^ (b3 & b4);
    setE(22, e22);
    e23 = b3 ^ (b4 | b0);
    setE(23, e23);
    e24 = b4 ^ (b0 & b1);
    setE(24, e24);

    c0 = e(0) ^ e(5) ^ e(10) ^ e(15) ^ e20;
    c1 = e(1) ^ e(6) ^ e(11) ^ e(16) ^ e21;
    c2 = e(2) ^ e(7) ^ e(12) ^ e(17) ^ e22;
    c3 = e(3) ^ e(8) ^ e(13) ^ e(18) ^ e23;
    c4 = e(4) ^ e(9) ^ e(14) ^ e(19) ^ e24;
    d0 = c4 ^ rotl<u64>(c1, 1);
    d1 = c0 ^ rotl<u64>(c2, 1);
    d2 = c1 ^ rotl<u64>(c3, 1);
    d3 = c2 ^ rotl<u64>(c4, 1);
    d4 = c3 ^ rotl<u64>(c0, 1);
    b0 = e(0) ^ d0;
    b1 = rotl<u64>(e(6) ^ d1, 44);
    b2 = rotl<u64>(e(12) ^ d2, 43);
    b3 = rotl<u64>(e(18) ^ d3, 21);
    b4 = rotl<u64>(e(24) ^ d4, 14);
    if (constant == LAST_ROUND_PAIR && out != 0) {
      store<u64>(out, b0 ^ (b1 | b2) ^ load<u64>(constant, 8));
      store<u64>(out, ~(b1 ^ (~b2 | b3)), 8);
      store<u64>(out, ~(b2 ^ (b3 & b4)), 16);
      store<u64>(out, b3 ^ (b4 | b0), 24);
      return;
    }
    setA(0, b0 ^ (b1 | b2) ^ load<u64>(constant, 8));
    setA(1, b1 ^ (~b2 | b3));
    setA(2, b2 ^ (b3 & b4));
    setA(3, b3 ^ (b4 | b0));
    setA(4, b4 ^ (b0 & b1));
    b0 = rotl<u64>(e(3) ^ d3, 28);
    b1 = rotl<u64>(e(9) ^ d4, 20);
    b2 = rotl<u64>(e(10) ^ d0, 3);
    b3 = rotl<u64>(e(16) ^ d1, 45);
    b4 = rotl<u64>(e(22) ^ d2, 61);
    setA(5, b0 ^ (b1 | b2));
    setA(6, b1 ^ (b2 & b3));
    setA(7, b2 ^ (b3 | ~b4));
    setA(8, b3 ^ (b4 | b0));
    setA(9, b4 ^ (b0 & b1));
    b0 = rotl<u64>(e(1) ^ d1, 1);
    b1 = rotl<u64>(e(7) ^ d2, 6);
    b2 = rotl<u64>(e(13) ^ d3, 25);
    b3 = rotl<u64>(e(19) ^ d4, 8);
    b4 = rotl<u64>(e(20) ^ d0, 18);
    setA(10, b0 ^ (b1 | b2));
    setA(11, b1 ^ (b2 & b3));
    setA(12, b2 ^ (~b3 & b4));
    setA(13, ~b3 ^ (b4 | b0));
    setA(14, b4 ^ (b0 & b1));
    b0 = rotl<u64>(e(4) ^ d4, 27);
    b1 = rotl<u64>(e(5) ^ d0, 36);
    b2 = rotl<u64>(e(11) ^ d1, 10);
    b3 = rotl<u64>(e(17) ^ d2, 15);
    b4 = rotl<u64>(e(23) ^ d3, 56);
    setA(15, b0 ^ (b1 & b2));
    setA(16, b1 ^ (b2 | b3));
    setA(17, b2 ^ (~b3 | b4));
    setA(18, ~b3 ^ (b4 & b0));
    setA(19, b4 ^ (b0 | b1));
    b0 = rotl<u64>(e(2) ^ d2, 62);
    b1 = rotl<u64>(e(8) ^ d3, 55);
    b2 = rotl<u64>(e(14) ^ d4, 39);
    b3 = rotl<u64>(e(15) ^ d0, 41);
    b4 = rotl<u64>(e(21) ^ d1, 2);
    setA(20, b0 ^ (~b1 & b2));
    setA(21, ~b1 ^ (b2 | b3));
    setA(22, b2 ^ (b3 & b4));
    setA(23, b3 ^ (b4 | b0));
    setA(24, b4 ^ (b0 & b1));
  }
}
