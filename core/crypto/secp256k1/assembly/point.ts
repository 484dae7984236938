/**
 * Points of y^2 = x^3 + 7: affine (x, y), or Jacobian (x, y, z) for (x / z^2, y / z^3).
 *
 * Coordinates of affine points are of magnitude 1; those of Jacobian points x 6, y 4 and z 2 at most
 * (`field.ts`). z = 0 is the point at infinity.
 */
import { add, copy, ELEMENT, isZero, multiply, negate, normalize, scale, square } from "./field";
import { invertElement } from "./inverse";

/** Bytes of an affine point. */
export const AFFINE: usize = 80;
/** Bytes of a Jacobian point. */
export const JACOBIAN: usize = 120;

const Y: usize = 40;
const Z: usize = 80;

/** beta^3 = 1: (beta x, y) is lambda times (x, y). */
const BETA: usize = memory.data<u32>([
  0x19501ee, 0x25b0a1c, 0x0995c13, 0x1d44bd6, 0x19cf049, 0x30d0d3a, 0x24479ea, 0x01c41b9, 0x22b657c,
  0x01eba5a,
]);

const A: usize = memory.data(40, 16);
const B: usize = memory.data(40, 16);
const C: usize = memory.data(40, 16);
const D: usize = memory.data(40, 16);
const H: usize = memory.data(40, 16);
const I: usize = memory.data(40, 16);
const S1: usize = memory.data(40, 16);
const U1: usize = memory.data(40, 16);

export function setInfinity(r: usize): void {
  memory.fill(r, 0, JACOBIAN);
}

export function isInfinity(a: usize): bool {
  // Exact, as infinity is only ever set: no z becomes 0 by arithmetic that `addAffine` lets pass.
  for (let at: usize = 0; at < ELEMENT; at += 8) if (load<u64>(a + Z + at) != 0) return false;
  return true;
}

/** r = 2 r. */
export function double(r: usize): void {
  if (isInfinity(r)) return;
  multiply(r + Z, r + Z, r + Y);
  scale(r + Z, r + Z, 2);
  square(A, r);
  scale(A, A, 3); // 3 x^2
  square(B, A); // 9 x^4
  square(C, r + Y);
  scale(C, C, 2); // 2 y^2
  square(D, C);
  scale(D, D, 2); // 8 y^4
  multiply(C, C, r); // 2 x y^2
  scale(r, C, 4);
  negate(r, r, 4);
  add(r, r, B); // 9 x^4 - 8 x y^2
  negate(B, B, 1);
  scale(C, C, 6);
  add(C, C, B); // 12 x y^2 - 9 x^4
  multiply(r + Y, A, C);
  negate(D, D, 2);
  add(r + Y, r + Y, D);
}

/** r = r + (x, y), where x and y are of magnitude 1 and 2. */
export function addAffine(r: usize, x: usize, y: usize): void {
  if (isInfinity(r)) {
    copy(r, x);
    copy(r + Y, y);
    setOne(r + Z);
    return;
  }
  square(A, r + Z);
  copy(U1, r);
  multiply(B, x, A); // u2
  multiply(C, y, A);
  multiply(C, C, r + Z); // s2
  copy(S1, r + Y);
  negate(H, U1, 6);
  add(H, H, B);
  negate(I, S1, 4);
  add(I, I, C);
  if (isZero(H)) {
    if (isZero(I)) double(r);
    else setInfinity(r);
    return;
  }
  multiply(r + Z, r + Z, H);
  square(A, H);
  multiply(D, A, H); // h^3
  multiply(A, A, U1); // u1 h^2
  scale(B, A, 2);
  add(B, B, D);
  negate(r, B, 3);
  square(B, I);
  add(r, r, B);
  negate(B, r, 5);
  add(B, B, A);
  multiply(r + Y, B, I);
  multiply(D, D, S1);
  negate(D, D, 1);
  add(r + Y, r + Y, D);
}

function setOne(r: usize): void {
  memory.fill(r, 0, ELEMENT);
  store<u32>(r, 1);
}

/** r = the affine form of a, which is not infinity, normalized. */
export function toAffine(r: usize, a: usize): void {
  normalize(A, a + Z);
  invertElement(A, A);
  scaleToAffine(r, a, A);
  normalize(r, r);
  normalize(r + Y, r + Y);
}

/** r = a with this inverse of its z. */
function scaleToAffine(r: usize, a: usize, inverse: usize): void {
  square(B, inverse);
  multiply(C, B, inverse);
  multiply(r, a, B);
  multiply(r + Y, a + Y, C);
}

/**
 * r = the affine forms of `count` Jacobian points, none at infinity, with one inversion.
 * `products` has room for `count` elements.
 */
export function allToAffine(r: usize, points: usize, count: u32, products: usize): void {
  copy(products, points + Z);
  for (let index: u32 = 1; index < count; index++) {
    const before = products + (index - 1) * ELEMENT;
    multiply(products + index * ELEMENT, before, points + index * JACOBIAN + Z);
  }
  normalize(H, products + (count - 1) * ELEMENT);
  invertElement(H, H);
  for (let index: u32 = count - 1; index > 0; index--) {
    const point = points + index * JACOBIAN;
    multiply(I, H, products + (index - 1) * ELEMENT);
    multiply(H, H, point + Z);
    scaleToAffine(r + index * AFFINE, point, I);
  }
  scaleToAffine(r, points, H);
}

/** r = x coordinate of lambda times a point with this x. */
export function timesBeta(r: usize, x: usize): void {
  multiply(r, x, BETA);
}
