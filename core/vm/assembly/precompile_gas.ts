/**
 * What precompiles cost.
 *
 * Gas is `u64` here and saturates: GAS_UNPAYABLE stands for more than any caller has.
 */
import { FORK_OSAKA } from "./layout";

export const GAS_UNPAYABLE: u64 = u64.MAX_VALUE;

export const GAS_ECRECOVER: u64 = 3000;
/** EIP-1108. */
export const GAS_BN254_ADD: u64 = 150;
export const GAS_BN254_MUL: u64 = 6000;
/** EIP-4844. */
export const GAS_POINT_EVALUATION: u64 = 50000;
/** EIP-2537. */
export const GAS_BLS12_G1ADD: u64 = 375;
export const GAS_BLS12_G2ADD: u64 = 600;
export const GAS_BLS12_MAP_G1: u64 = 5500;
export const GAS_BLS12_MAP_G2: u64 = 23800;
/** EIP-7951. */
export const GAS_P256VERIFY: u64 = 6900;

const GAS_BLS12_G1MUL: u64 = 12000;
const GAS_BLS12_G2MUL: u64 = 22500;

/** Thousandths of the price of a multiplication for each of k = 1 to 128 terms (EIP-2537). */
// prettier-ignore
const DISCOUNTS_G1: usize = memory.data<u16>([
  1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
  673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
  625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
  596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
  575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
  558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
  530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
]);
// prettier-ignore
const DISCOUNTS_G2: usize = memory.data<u16>([
  1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
  711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
  643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
  606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
  580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
  546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
  534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
]);
const DISCOUNT_TERMS: u32 = 128;
@inline
function words(length: u32): u64 {
  return (<u64> length + 31) / 32;
}

export function sha256Gas(length: u32): u64 {
  return 60 + 12 * words(length);
}

export function ripemd160Gas(length: u32): u64 {
  return 600 + 120 * words(length);
}

export function identityGas(length: u32): u64 {
  return 15 + 3 * words(length);
}

/** EIP-1108. */
export function bn254PairingGas(pairs: u32): u64 {
  return 45000 + 34000 * <u64> pairs;
}

/** EIP-2537. */
export function bls12PairingGas(pairs: u32): u64 {
  return 37700 + 32600 * <u64> pairs;
}

export function bls12G1MsmGas(terms: u32): u64 {
  return msmGas(terms, GAS_BLS12_G1MUL, DISCOUNTS_G1);
}

export function bls12G2MsmGas(terms: u32): u64 {
  return msmGas(terms, GAS_BLS12_G2MUL, DISCOUNTS_G2);
}

function msmGas(terms: u32, gasOfOne: u64, discounts: usize): u64 {
  if (terms == 0) return 0;
  const index = min<u32>(terms, DISCOUNT_TERMS) - 1;
  const discount: u64 = load<u16>(discounts + (<usize> index << 1));
  return <u64> terms * gasOfOne * discount / 1000;
}

/**
 * Lengths times iterations of EIP-2565, before its division; GAS_UNPAYABLE when it passes 64 bits.
 * Lengths are in bytes; `headBits` is the bit length of the exponent's first 32 bytes.
 */
export function modexpWork(
  baseLength: u64,
  exponentLength: u64,
  modulusLength: u64,
  headBits: u64,
): u64 {
  const limbs = ceilEighths(max<u64>(baseLength, modulusLength));
  const iterations = modexpIterations(exponentLength, headBits, 8);
  return multiplySaturating(multiplySaturating(limbs, limbs), iterations);
}

/** EIP-2565; from Osaka on EIP-7883. */
export function modexpGas(
  fork: u64,
  baseLength: u64,
  exponentLength: u64,
  modulusLength: u64,
  headBits: u64,
): u64 {
  if (fork >= <u64> FORK_OSAKA) {
    const longest = max<u64>(baseLength, modulusLength);
    const limbs = ceilEighths(longest);
    const complexity: u64 = longest <= 32
      ? 16
      : multiplySaturating(2, multiplySaturating(limbs, limbs));
    const iterations = modexpIterations(exponentLength, headBits, 16);
    return max<u64>(500, multiplySaturating(complexity, iterations));
  }
  const work = modexpWork(baseLength, exponentLength, modulusLength, headBits);
  // Work beyond 64 bits is beyond what can be computed, whatever a third of it would cost.
  return work == u64.MAX_VALUE ? GAS_UNPAYABLE : max<u64>(200, work / 3);
}

/** Squarings, with `weight` for each bit group of 8 bits after the first 32 bytes. */
function modexpIterations(exponentLength: u64, headBits: u64, weight: u64): u64 {
  let iterations: u64 = headBits == 0 ? 0 : headBits - 1;
  if (exponentLength > 32) {
    const rest = multiplySaturating(weight, exponentLength - 32);
    iterations = rest > u64.MAX_VALUE - iterations ? u64.MAX_VALUE : rest + iterations;
  }
  return max<u64>(1, iterations);
}
@inline
function ceilEighths(length: u64): u64 {
  return length / 8 + (length % 8 != 0 ? 1 : 0);
}

function multiplySaturating(left: u64, right: u64): u64 {
  if (left != 0 && right > u64.MAX_VALUE / left) return u64.MAX_VALUE;
  return left * right;
}
