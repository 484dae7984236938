/**
 * What the interpreter's opcodes do to words on the operand stack, all of it inlined.
 *
 * `s` is a biased stack pointer (`frames.ts`); offsets are from it, T0 being the topmost word.
 */
import { STACK_BIAS, T0, T1 } from "./frames";
@inline
export function bswap64(x: u64): u64 {
  x = ((x >> 8) & 0x00ff00ff00ff00ff) | ((x & 0x00ff00ff00ff00ff) << 8);
  x = ((x >> 16) & 0x0000ffff0000ffff) | ((x & 0x0000ffff0000ffff) << 16);
  return (x >> 32) | (x << 32);
}

/** Sixteen bytes in the opposite order. */
@inline
export function reversed(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** Two limbs as one vector. Read one by one: they are likely to have been written so. */
@inline
export function limbs(word: usize, offset: usize): v128 {
  return i64x2.replace_lane(
    i64x2.splat(load<u64>(word + offset)),
    1,
    load<u64>(word + offset + 8),
  );
}

/**
 * A limb and the zero above it. As vectors, words of one limb take two stores: each access of
 * memory is checked against its bounds, which is what most of an opcode's time goes to.
 */
@inline
function lowLimb(value: u64): v128 {
  return i64x2.replace_lane(i64x2.splat(0), 0, value);
}

/** Writes a word of one limb where the next word goes. */
@inline
export function pushU64(s: usize, value: u64): void {
  v128.store(s, lowLimb(value), STACK_BIAS);
  v128.store(s, i64x2.splat(0), STACK_BIAS + 16);
}

/** Puts 0 or 1 in the place of the word at `offset`. */
@inline
export function putBool(s: usize, offset: usize, value: bool): void {
  const word = s + offset;
  v128.store(word, lowLimb(<u64> value));
  v128.store(word, i64x2.splat(0), 16);
}

/** Copies limb by limb: limbs that were just written are not yet to be read as one vector. */
@inline
export function copyWord(to: usize, from: usize): void {
  const a = load<u64>(from);
  const b = load<u64>(from, 8);
  const c = load<u64>(from, 16);
  const d = load<u64>(from, 24);
  store<u64>(to, a);
  store<u64>(to, b, 8);
  store<u64>(to, c, 16);
  store<u64>(to, d, 24);
}

/** DUPn of words near the top, which are likely to be fresh. `offset` is where the word is. */
@inline
export function dup(s: usize, offset: usize): void {
  copyWord(s + STACK_BIAS, s + offset);
}

/** SWAPn, likewise. */
@inline
export function swap(s: usize, offset: usize): void {
  const other = s + offset;
  const a = load<u64>(s, T0);
  const b = load<u64>(s, T0 + 8);
  const c = load<u64>(s, T0 + 16);
  const d = load<u64>(s, T0 + 24);
  copyWord(s + T0, other);
  store<u64>(other, a);
  store<u64>(other, b, 8);
  store<u64>(other, c, 16);
  store<u64>(other, d, 24);
}

/** Whether the upper three limbs of the word are zero. */
@inline
export function isShort(s: usize, offset: usize): bool {
  const word = s + offset;
  return (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) == 0;
}

/** Whether two words are below 2^64. */
@inline
export function areShort(s: usize): bool {
  return (load<u64>(s, T0 + 8) | load<u64>(s, T0 + 16) | load<u64>(s, T0 + 24) |
    load<u64>(s, T1 + 8) | load<u64>(s, T1 + 16) | load<u64>(s, T1 + 24)) == 0;
}
