/**
 * Recovery of a public key from an ECDSA signature over secp256k1.
 *
 * Q = (s R - z G) / r, with R the point of x coordinate r. The multiple of R is split in two halves by
 * the curve's endomorphism and doubled along; the multiple of G is a sum of table entries. Where Q is
 * expected and has a table too, R = (z G + r Q) / s says whether it is right, and needs no doubling.
 * Nothing here is secret, so everything takes the time that it takes.
 */
import {
  add, copy, ELEMENT, fromBytes, isOdd, isZero, multiply, negate, normalize, square, squareRoot, toBytes,
} from "./field";
import { invertScalar } from "./inverse";
import {
  AFFINE, allToAffine, JACOBIAN, timesBeta, toAffine,
} from "./point";
import {
  addAffinePaired, doublePaired, isInfinityPaired, PAIRED, setInfinityPaired, unpairPoint,
} from "./paired_point";
import {
  isHigh, isInRange, isZeroScalar, multiplyScalars, negateScalar, reduceOnce, SCALAR, scalarFromBytes,
  splitScalar,
} from "./scalar";

/** What the host writes: digest, r and s, 32 bytes each, big-endian. */
const INPUT: usize = memory.data(96, 16);
/** What it reads: x and y of the public key. */
const OUTPUT: usize = memory.data(64, 16);

const GENERATOR: usize = memory.data<u32>([
  0x2f81798, 0x0a056c5, 0x28d959f, 0x36cb738, 0x3029bfc, 0x3a1c2c1, 0x206295c, 0x2eeb156, 0x27ef9dc,
  0x01e6f99, 0x310d4b8, 0x1f423fe, 0x14199c4, 0x1229a15, 0x0fd17b4, 0x384422a, 0x24fbfc0, 0x3119576,
  0x27726a3, 0x0120eb6,
]);

/** A table: multiples 1 to 128 of 2^(8 w) times a point, for w from 0 to 31: digits of a byte, signed. */
const WINDOWS: u32 = 32;
const PER_WINDOW: u32 = 128;
const TABLE_BYTES: usize = 327680;
const TABLE_OF_G: usize = memory.data(327680, 16);
/** Those of expected keys. */
const TABLES: u32 = 16;
const TABLES_OF_KEYS: usize = memory.data(5242880, 16);
/** Jacobian points and products while a table is made. */
const POINTS: usize = memory.data(15360, 16);
const PRODUCTS: usize = memory.data(5120, 16);
let isTableOfGMade = false;

/** R, 3 R, 5 R, ... 15 R, and lambda times their x. */
const ODD_COUNT: u32 = 8;
const ODD: usize = memory.data(640, 16);
const ODD_BETA: usize = memory.data(320, 16);

/** Digits of both halves: odd and between -15 and 15, or 0. */
const DIGITS = 132;
const DIGITS_1: usize = memory.data(132, 16);
const DIGITS_2: usize = memory.data(132, 16);

const SCALAR_R: usize = memory.data(32, 16);
const SCALAR_S: usize = memory.data(32, 16);
const SCALAR_Z: usize = memory.data(32, 16);
const HALF_1: usize = memory.data(32, 16);
const HALF_2: usize = memory.data(32, 16);
const SUM: usize = memory.data(160, 16);
/** A sum of which every step counts, in pairs. */
const RUNNING: usize = memory.data(160, 16);
const TWICE: usize = memory.data(120, 16);
const POINT: usize = memory.data(80, 16);
const MINUS_Y: usize = memory.data(40, 16);
const T: usize = memory.data(40, 16);
const BYTES: usize = memory.data(32, 16);

export function input(): usize {
  return INPUT;
}

export function output(): usize {
  return OUTPUT;
}

/** How many keys may have a table at a time. */
export function tables(): u32 {
  return TABLES;
}

/** Makes table `index`, below `tables()`, one of the key in the output. */
export function learn(index: u32): void {
  fromBytes(POINT, OUTPUT);
  fromBytes(POINT + ELEMENT, OUTPUT + 32);
  makeTable(TABLES_OF_KEYS + index * TABLE_BYTES);
}

/** Whether `recover` would give the key of table `index`. */
export function confirm(index: u32, yParity: u32): bool {
  if (!readScalars()) return false;
  invertScalar(SCALAR_S, SCALAR_S);
  multiplyScalars(SCALAR_Z, SCALAR_Z, SCALAR_S);
  multiplyScalars(SCALAR_R, SCALAR_R, SCALAR_S);
  setInfinityPaired(SUM);
  addMultiple(SUM, TABLES_OF_KEYS + index * TABLE_BYTES, SCALAR_R);
  addMultiple(SUM, tableOfG(), SCALAR_Z);
  if (isInfinityPaired(SUM)) return false;
  unpairPoint(POINTS, SUM);
  toAffine(POINT, POINTS);
  if (<u32>isOdd(POINT + ELEMENT) != yParity) return false;
  // Not modulo the order: the parity names only the point whose x is r itself.
  toBytes(BYTES, POINT);
  return memory.compare(BYTES, INPUT + 32, 32) == 0;
}

/** Recovers from the input; `false` when there is no such key. */
export function recover(yParity: u32): bool {
  if (!readScalars()) return false;
  if (!liftX(POINT, INPUT + 32, yParity)) return false;
  invertScalar(SCALAR_R, SCALAR_R);
  multiplyScalars(SCALAR_S, SCALAR_S, SCALAR_R);
  multiplyScalars(SCALAR_Z, SCALAR_Z, SCALAR_R);
  negateScalar(SCALAR_Z, SCALAR_Z);
  multiplyPoint(SUM, POINT, SCALAR_S);
  addMultiple(SUM, tableOfG(), SCALAR_Z);
  if (isInfinityPaired(SUM)) return false;
  unpairPoint(POINTS, SUM);
  toAffine(POINT, POINTS);
  toBytes(OUTPUT, POINT);
  toBytes(OUTPUT + 32, POINT + ELEMENT);
  return true;
}

/** The scalars of the input; `false` when r or s is out of range. */
function readScalars(): bool {
  scalarFromBytes(SCALAR_Z, INPUT);
  scalarFromBytes(SCALAR_R, INPUT + 32);
  scalarFromBytes(SCALAR_S, INPUT + 64);
  reduceOnce(SCALAR_Z);
  return isInRange(SCALAR_R) && isInRange(SCALAR_S);
}

/** r = the point with this x, 32 bytes below p, and this parity of y; `false` when there is none. */
function liftX(r: usize, bytes: usize, yParity: u32): bool {
  const y = r + ELEMENT;
  fromBytes(r, bytes);
  square(T, r);
  multiply(T, T, r);
  store<u32>(T, load<u32>(T) + 7);
  squareRoot(y, T);
  // A root of what is no square is none.
  square(MINUS_Y, y);
  negate(MINUS_Y, MINUS_Y, 1);
  add(MINUS_Y, MINUS_Y, T);
  if (!isZero(MINUS_Y)) return false;
  normalize(y, y);
  if (<u32>isOdd(y) != yParity) {
    negate(y, y, 1);
    normalize(y, y);
  }
  return true;
}

/** r, in pairs, = k times the affine point. */
function multiplyPoint(r: usize, point: usize, k: usize): void {
  makeOddMultiples(point);
  splitScalar(HALF_1, HALF_2, k);
  const last1 = writeDigits(DIGITS_1, HALF_1);
  const last2 = writeDigits(DIGITS_2, HALF_2);
  setInfinityPaired(r);
  for (let bit = last1 > last2 ? last1 : last2; bit >= 0; bit--) {
    doublePaired(r);
    const digit1 = <i32>load<i8>(DIGITS_1 + bit);
    if (digit1 != 0) addDigit(r, digit1, false);
    const digit2 = <i32>load<i8>(DIGITS_2 + bit);
    if (digit2 != 0) addDigit(r, digit2, true);
  }
}

function addDigit(r: usize, digit: i32, isLambda: bool): void {
  const index = <usize>(digit < 0 ? -digit : digit) >> 1;
  const point = ODD + index * AFFINE;
  addSigned(r, isLambda ? ODD_BETA + index * ELEMENT : point, point + ELEMENT, digit < 0);
}

function addSigned(r: usize, x: usize, y: usize, isNegative: bool): void {
  if (isNegative) {
    negate(MINUS_Y, y, 1);
    addAffinePaired(r, x, MINUS_Y);
  } else {
    addAffinePaired(r, x, y);
  }
}

function makeOddMultiples(point: usize): void {
  setInfinityPaired(RUNNING);
  addAffinePaired(RUNNING, point, point + ELEMENT);
  unpairPoint(POINTS, RUNNING);
  memory.copy(SUM, RUNNING, PAIRED);
  doublePaired(SUM);
  unpairPoint(TWICE, SUM);
  toAffine(TWICE, TWICE);
  for (let index: u32 = 1; index < ODD_COUNT; index++) {
    addAffinePaired(RUNNING, TWICE, TWICE + ELEMENT);
    unpairPoint(POINTS + index * JACOBIAN, RUNNING);
  }
  allToAffine(ODD, POINTS, ODD_COUNT, PRODUCTS);
  for (let index: u32 = 0; index < ODD_COUNT; index++) {
    timesBeta(ODD_BETA + index * ELEMENT, ODD + index * AFFINE);
  }
}

/** The non-adjacent form of width 5 of k, or of -k with digits negated; the place of its last digit. */
function writeDigits(digits: usize, k: usize): i32 {
  memory.fill(digits, 0, DIGITS);
  const sign: i32 = isHigh(k) ? -1 : 1;
  if (sign < 0) negateScalar(k, k);
  let last = -1;
  let carry: u32 = 0;
  let bit: u32 = 0;
  while (bit < <u32>DIGITS - 1) {
    if (bitsAt(k, bit, 1) == carry) {
      bit++;
      continue;
    }
    const word = bitsAt(k, bit, 5) + carry;
    carry = (word >> 4) & 1;
    store<i8>(digits + bit, <i8>(sign * (<i32>word - <i32>(carry << 5))));
    last = <i32>bit;
    bit += 5;
  }
  return last;
}

function bitsAt(k: usize, bit: u32, count: u32): u32 {
  const at = (bit >> 5) << 2;
  const low: u64 = load<u32>(k + at);
  const high: u64 = at < 28 ? load<u32>(k + at + 4) : 0;
  return <u32>((low | (high << 32)) >> (bit & 31)) & ((1 << count) - 1);
}

/** r, in pairs, = r + k times the point of `table`. */
function addMultiple(r: usize, table: usize, k: usize): void {
  if (isZeroScalar(k)) return;
  // The smaller one of k and -k leaves no carry after its last byte.
  const isNegated = isHigh(k);
  if (isNegated) negateScalar(k, k);
  let carry: i32 = 0;
  for (let window: u32 = 0; window < WINDOWS; window++) {
    let digit = <i32>load<u8>(k + window) + carry;
    carry = digit > 128 ? 1 : 0;
    digit -= carry << 8;
    if (digit == 0) continue;
    const index = window * PER_WINDOW + <u32>(digit < 0 ? -digit : digit) - 1;
    const entry = table + index * AFFINE;
    addSigned(r, entry, entry + ELEMENT, (digit < 0) != isNegated);
  }
}

function tableOfG(): usize {
  if (!isTableOfGMade) {
    memory.copy(POINT, GENERATOR, AFFINE);
    makeTable(TABLE_OF_G);
    isTableOfGMade = true;
  }
  return TABLE_OF_G;
}

/** Fills `table` with the multiples of the affine point in POINT. Leaves SUM alone. */
function makeTable(table: usize): void {
  for (let window: u32 = 0; window < WINDOWS; window++) {
    setInfinityPaired(RUNNING);
    for (let index: u32 = 0; index < PER_WINDOW; index++) {
      addAffinePaired(RUNNING, POINT, POINT + ELEMENT);
      unpairPoint(POINTS + index * JACOBIAN, RUNNING);
    }
    allToAffine(table + window * PER_WINDOW * AFFINE, POINTS, PER_WINDOW, PRODUCTS);
    // 128 times the base, doubled, is the next window's.
    doublePaired(RUNNING);
    unpairPoint(TWICE, RUNNING);
    toAffine(POINT, TWICE);
  }
}
