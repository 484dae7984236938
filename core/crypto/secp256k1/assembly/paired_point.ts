/**
 * Jacobian points whose coordinates stand in pairs, for sums of many points.
 *
 * The first pair is x and y, the second z and whatever. Magnitudes and the point at infinity are those
 * of `point.ts`, whose results these are; the steps come in twos.
 */
import { ELEMENT, isZero } from "./field";
import {
  multiplyPairs, OTHER, PAIR, pairEnds, pairFirsts, pairFirstWith, pairSeconds, pairUp, pairWithSecond,
  squarePairs, unpair,
} from "./pair";

/** Bytes of a point in pairs. */
export const PAIRED: usize = 160;

/** p twice, of which multiples stand before differences so that no limb is negative. */
const P: usize = memory.data<u32>([
  0x3fffc2f, 0x3fffc2f, 0x3ffffbf, 0x3ffffbf, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
  0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff, 0x3ffffff,
  0x3ffffff, 0x3ffffff, 0x03fffff, 0x03fffff,
]);

/** Limbs of p times `factor`, 16 bytes of a pair from `at`. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function limbsOfP(at: usize, factor: i32): v128 {
  return i32x4.mul(v128.load(P + at), i32x4.splat(factor));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function firsts(value: v128): v128 {
  return i32x4.shuffle(value, value, 0, 0, 2, 2);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function seconds(value: v128): v128 {
  return i32x4.shuffle(value, value, 1, 1, 3, 3);
}

const A: usize = memory.data(80, 16);
const B: usize = memory.data(80, 16);
const C: usize = memory.data(80, 16);
const D: usize = memory.data(80, 16);
const H: usize = memory.data(80, 16);
const ONE: usize = memory.data(40, 16);

export function setInfinityPaired(r: usize): void {
  memory.fill(r, 0, PAIRED);
}

export function isInfinityPaired(r: usize): bool {
  let bits = v128.load(r + PAIR);
  for (let at: usize = 16; at < PAIR; at += 16) bits = v128.or(bits, v128.load(r + PAIR + at));
  return (i32x4.extract_lane(bits, 0) | i32x4.extract_lane(bits, 2)) == 0;
}

/** r = the coordinates of a, one after another (`point.ts`). */
export function unpairPoint(r: usize, a: usize): void {
  unpair(r, a);
  unpair(r + ELEMENT, a + OTHER);
  unpair(r + 2 * ELEMENT, a + PAIR);
}

/** r = 2 r. */
export function doublePaired(r: usize): void {
  if (isInfinityPaired(r)) return;
  const z = r + PAIR;
  // x^2 and y^2, then 3 x^2 and 2 y^2.
  squarePairs(A, r);
  for (let at: usize = 0; at < PAIR; at += 16) {
    v128.store(A + at, i32x4.mul(v128.load(A + at), i32x4(3, 2, 3, 2)));
  }
  // 9 x^4 and 2 x y^2.
  pairFirsts(B, A, r);
  multiplyPairs(B, A, B);
  // z y and 4 y^4.
  pairEnds(C, z, A);
  pairSeconds(D, r, A);
  multiplyPairs(C, C, D);
  for (let at: usize = 0; at < PAIR; at += 16) {
    const both = v128.load(B + at);
    const b = firsts(both);
    const e = seconds(both);
    v128.store(z + at, i32x4.shl(v128.load(C + at), 1));
    // x = 9 x^4 - 8 x y^2, and 12 x y^2 - 9 x^4.
    v128.store(r + at, i32x4.add(i32x4.sub(limbsOfP(at, 10), i32x4.shl(e, 2)), b));
    const six = i32x4.mul(e, i32x4.splat(6));
    v128.store(D + at, i32x4.add(i32x4.sub(limbsOfP(at, 4), b), six));
  }
  multiplyPairs(D, A, D);
  for (let at: usize = 0; at < PAIR; at += 16) {
    const product = i32x4.add(firsts(v128.load(D + at)), limbsOfP(at, 6));
    const y = i32x4.sub(product, v128.load(z + at));
    v128.store(r + at, i32x4.shuffle(v128.load(r + at), y, 0, 5, 2, 7));
  }
}

/** r = r + (x, y), where x and y are elements of magnitude 1 and 2. */
export function addAffinePaired(r: usize, x: usize, y: usize): void {
  const z = r + PAIR;
  if (isInfinityPaired(r)) {
    pairUp(r, x, y);
    store<u32>(ONE, 1);
    pairUp(z, ONE, ONE);
    return;
  }
  // z^2 and y z, then u2 = x z^2 and s2 = y z^3.
  pairFirstWith(A, z, y);
  pairFirsts(B, z, z);
  multiplyPairs(A, A, B);
  pairWithSecond(B, x, A);
  pairFirsts(C, A, A);
  multiplyPairs(H, B, C);
  // h = u2 - u1 and i = s2 - s1.
  for (let at: usize = 0; at < PAIR; at += 16) {
    const less = i32x4.sub(i32x4.mul(v128.load(P + at), i32x4(14, 10, 14, 10)), v128.load(r + at));
    v128.store(H + at, i32x4.add(v128.load(H + at), less));
  }
  if (isZeroAt(H)) {
    if (isZeroAt(H + OTHER)) doublePaired(r);
    else setInfinityPaired(r);
    return;
  }
  // h^2 and i^2; z h and h^3; u1 h^2 and s1 h^3.
  squarePairs(A, H);
  pairFirsts(B, z, A);
  pairFirsts(C, H, H);
  multiplyPairs(B, B, C);
  pairEnds(C, A, B);
  multiplyPairs(C, C, r);
  for (let at: usize = 0; at < PAIR; at += 16) {
    const zh = v128.load(B + at);
    const u = firsts(v128.load(C + at));
    const sum = i32x4.add(i32x4.shl(u, 1), seconds(zh));
    const next = i32x4.add(i32x4.sub(limbsOfP(at, 8), sum), seconds(v128.load(A + at)));
    v128.store(z + at, zh);
    v128.store(r + at, next);
    v128.store(D + at, i32x4.add(i32x4.sub(limbsOfP(at, 12), next), u));
  }
  // i (u1 h^2 - x) - s1 h^3.
  multiplyPairs(D, D, H);
  for (let at: usize = 0; at < PAIR; at += 16) {
    const y = i32x4.sub(i32x4.add(v128.load(D + at), limbsOfP(at, 4)), v128.load(C + at));
    v128.store(r + at, i32x4.shuffle(v128.load(r + at), y, 0, 5, 2, 7));
  }
}

const ELEMENT_AT: usize = memory.data(40, 16);

/** Whether the element at `a` of a pair is 0 modulo p. */
function isZeroAt(a: usize): bool {
  unpair(ELEMENT_AT, a);
  return isZero(ELEMENT_AT);
}
