/**
 * 256-bit words in memory: the door to every operation on them.
 *
 * A word is four u64 limbs, least significant first, at any address. Unless a function says
 * otherwise its arguments are pointers to words, and `out` may be one of the inputs; words that
 * overlap in part are not supported.
 */
export {
  add,
  and,
  byteLength,
  copy,
  equal,
  fitsU64,
  isZero,
  less,
  loadBE,
  loadBytesBE,
  low,
  not,
  or,
  setU64,
  signedLess,
  storeBE,
  sub,
  xor,
  zero,
} from "./limbs";
export { byteAt, clz, sar, shl, shr, signExtend } from "./shifts";
export { exp, mul, mulU64 } from "./products";
export { addMod, div, mod, mulMod, sdiv, smod } from "./division";
