/**
 * Points of y^2 = x^3 + 7: affine (x, y), or Jacobian (x, y, z) for (x / z^2, y / z^3). Sums of them are
 * made in pairs (`paired_point.ts`).
 *
 * Coordinates of affine points are of magnitude 1; those of Jacobian points x 6, y 4 and z 2 at most
 * (`field.ts`). z = 0 is the point at infinity.
 */
import { copy, ELEMENT, multiply, normalize, square } from "./field";
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
const H: usize = memory.data(40, 16);
const I: usize = memory.data(40, 16);

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
