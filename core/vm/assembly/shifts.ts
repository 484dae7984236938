/**
 * Shifts of words, and what looks at single bytes and bits of them.
 *
 * A shift copies its input between two words of filling and then loads five limbs from there, so
 * that the number of whole limbs is an address and not a case. Numbers of bits and bytes are words
 * too, as the operand stack has them.
 */
import { copy, fitsU64, low, setU64, zero } from "./limbs";

/** One word of zeros, the word that is shifted, one word of zeros. */
const WINDOW: usize = memory.data(96, 16);
const WINDOW_MIDDLE: usize = WINDOW + 32;
/** The word that is shifted and a word of its sign. */
const SIGNED_WINDOW: usize = memory.data(64, 16);

/** out = x * 2^shift. */
export function shl(out: usize, shift: usize, x: usize): void {
  if (!fitsU64(shift) || low(shift) > 255) return zero(out);
  shlBits(out, x, u32(low(shift)));
}

/** out = x / 2^shift, unsigned. */
export function shr(out: usize, shift: usize, x: usize): void {
  if (!fitsU64(shift) || low(shift) > 255) return zero(out);
  shrBits(out, x, u32(low(shift)));
}

/** out = x / 2^shift, rounded down, as two's complement. */
export function sar(out: usize, shift: usize, x: usize): void {
  const sign = load<i64>(x, 24) >> 63;
  const isFar = !fitsU64(shift) || low(shift) > 255;
  const bits = u32(low(shift));
  const filling = i64x2.splat(sign);
  if (isFar) {
    v128.store(out, filling);
    v128.store(out, filling, 16);
    return;
  }
  copy(SIGNED_WINDOW, x);
  v128.store(SIGNED_WINDOW, filling, 32);
  v128.store(SIGNED_WINDOW, filling, 48);
  loadShiftedRight(out, SIGNED_WINDOW, bits);
}

/** out = x * 2^bits for bits < 256. */
export function shlBits(out: usize, x: usize, bits: u32): void {
  copy(WINDOW_MIDDLE, x);
  const from = WINDOW_MIDDLE - ((bits >> 6) << 3);
  const lift: u64 = bits & 63;
  // Two shifts instead of one by 64 - lift: a shift by 64 would be one by 0.
  const rest: u64 = 63 - lift;
  const w0 = load<u64>(from);
  const w1 = load<u64>(from, 8);
  const w2 = load<u64>(from, 16);
  const w3 = load<u64>(from, 24);
  store<u64>(out, (w0 << lift) | (load<u64>(from - 8) >> 1 >> rest));
  store<u64>(out, (w1 << lift) | (w0 >> 1 >> rest), 8);
  store<u64>(out, (w2 << lift) | (w1 >> 1 >> rest), 16);
  store<u64>(out, (w3 << lift) | (w2 >> 1 >> rest), 24);
}

/** out = x / 2^bits for bits < 256. */
export function shrBits(out: usize, x: usize, bits: u32): void {
  copy(WINDOW_MIDDLE, x);
  loadShiftedRight(out, WINDOW_MIDDLE, bits);
}

/** The word at `window`, which another word of filling follows, shifted down by bits < 256. */
@inline
function loadShiftedRight(out: usize, window: usize, bits: u32): void {
  const from = window + ((bits >> 6) << 3);
  const drop: u64 = bits & 63;
  const rest: u64 = 63 - drop;
  const w1 = load<u64>(from, 8);
  const w2 = load<u64>(from, 16);
  const w3 = load<u64>(from, 24);
  store<u64>(out, (load<u64>(from) >> drop) | (w1 << 1 << rest));
  store<u64>(out, (w1 >> drop) | (w2 << 1 << rest), 8);
  store<u64>(out, (w2 >> drop) | (w3 << 1 << rest), 16);
  store<u64>(out, (w3 >> drop) | (load<u64>(from, 32) << 1 << rest), 24);
}

/** Extends the sign of the number that the lower k + 1 bytes of x hold. */
export function signExtend(out: usize, k: usize, x: usize): void {
  if (!fitsU64(k) || low(k) > 30) return copy(out, x);
  const sign = (u32(low(k)) << 3) + 7;
  const limb = sign >> 6;
  // How far the sign is from the top of its own limb.
  const lift: u64 = 63 - (sign & 63);
  const extended = (load<i64>(x + (limb << 3)) << lift) >> lift;
  copy(out, x);
  store<i64>(out + (limb << 3), extended);
  const filling = extended >> 63;
  for (let index = limb + 1; index < 4; index++) store<i64>(out + (index << 3), filling);
}

/** Byte i of x, counted from the most significant; 0 from 32 on. */
export function byteAt(out: usize, i: usize, x: usize): void {
  const value: u64 = fitsU64(i) && low(i) < 32 ? load<u8>(x + 31 - u32(low(i))) : 0;
  setU64(out, value);
}

/** Leading zero bits, 256 for zero (EIP-7939). */
export function clz(out: usize, x: usize): void {
  let bits: u64 = 0;
  for (let offset: i32 = 24; offset >= 0; offset -= 8) {
    const limb = load<u64>(x + offset);
    bits += i64.clz(limb);
    if (limb != 0) break;
  }
  setU64(out, bits);
}
