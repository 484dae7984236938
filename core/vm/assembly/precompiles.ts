/**
 * The precompiled contracts of Cancun, Prague and Osaka.
 *
 * Owns addresses, prices and the shape of inputs. Hashes are computed here; curves and big numbers
 * by the host, which judges field elements and points.
 */
import { blake2f, BLAKE2F_INPUT_BYTES, blake2fRounds } from "./blake2f";
import { crypto } from "./host";
import {
  COUNTER_CURVE_OPERATIONS,
  COUNTER_ECRECOVERS,
  COUNTER_PAIRINGS,
  CRYPTO_BLS12_G1ADD,
  CRYPTO_BLS12_G1MSM,
  CRYPTO_BLS12_G2ADD,
  CRYPTO_BLS12_G2MSM,
  CRYPTO_BLS12_MAP_G1,
  CRYPTO_BLS12_MAP_G2,
  CRYPTO_BLS12_PAIRING,
  CRYPTO_BN254_ADD,
  CRYPTO_BN254_MUL,
  CRYPTO_BN254_PAIRING,
  CRYPTO_ECRECOVER,
  CRYPTO_P256VERIFY,
  CRYPTO_POINT_EVALUATION,
  FAULT_RETURN_DATA_FULL,
  FORK_OSAKA,
  FORK_PRAGUE,
  RETURN_DATA_END,
  SLOT_FORK,
} from "./layout";
import { count, fault, getNumber } from "./memory";
import { modexpOutputLength, runModexp } from "./modexp";
import {
  bls12G1MsmGas,
  bls12G2MsmGas,
  bls12PairingGas,
  bn254PairingGas,
  GAS_BLS12_G1ADD,
  GAS_BLS12_G2ADD,
  GAS_BLS12_MAP_G1,
  GAS_BLS12_MAP_G2,
  GAS_BN254_ADD,
  GAS_BN254_MUL,
  GAS_ECRECOVER,
  GAS_P256VERIFY,
  GAS_POINT_EVALUATION,
  identityGas,
  ripemd160Gas,
  sha256Gas,
} from "./precompile_gas";
import { ripemd160 } from "./ripemd160";
import { sha256 } from "./sha256";

const PRECOMPILE_ECRECOVER: u32 = 0x01;
const PRECOMPILE_SHA256: u32 = 0x02;
const PRECOMPILE_RIPEMD160: u32 = 0x03;
const PRECOMPILE_IDENTITY: u32 = 0x04;
const PRECOMPILE_MODEXP: u32 = 0x05;
const PRECOMPILE_BN254_ADD: u32 = 0x06;
const PRECOMPILE_BN254_MUL: u32 = 0x07;
const PRECOMPILE_BN254_PAIRING: u32 = 0x08;
const PRECOMPILE_BLAKE2F: u32 = 0x09;
const PRECOMPILE_POINT_EVALUATION: u32 = 0x0a;
const PRECOMPILE_BLS12_G1ADD: u32 = 0x0b;
const PRECOMPILE_BLS12_G1MSM: u32 = 0x0c;
const PRECOMPILE_BLS12_G2ADD: u32 = 0x0d;
const PRECOMPILE_BLS12_G2MSM: u32 = 0x0e;
const PRECOMPILE_BLS12_PAIRING: u32 = 0x0f;
const PRECOMPILE_BLS12_MAP_G1: u32 = 0x10;
const PRECOMPILE_BLS12_MAP_G2: u32 = 0x11;
const PRECOMPILE_P256VERIFY: u32 = 0x100;

const BN254_PAIR_BYTES: u32 = 192;
const POINT_EVALUATION_BYTES: u32 = 192;
const BLS12_G1_BYTES: u32 = 128;
const BLS12_G2_BYTES: u32 = 256;
const BLS12_G1_TERM_BYTES: u32 = 160;
const BLS12_G2_TERM_BYTES: u32 = 288;
const BLS12_PAIR_BYTES: u32 = 384;
const BLS12_FP_BYTES: u32 = 64;
const P256VERIFY_BYTES: u32 = 160;
/** First byte of a versioned hash that stands for a KZG commitment (EIP-4844). */
const KZG_VERSION: u8 = 1;

/** An input with zeros to the length that its precompile reads. */
const PADDED: usize = memory.data(128, 16);
const DIGEST: usize = memory.data(32, 16);
/** What a good point evaluation answers: 4096 field elements, and the order of the field. */
// prettier-ignore
const POINT_EVALUATION_ANSWER: usize = memory.data<u8>([
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x00,
  0x73, 0xed, 0xa7, 0x53, 0x29, 0x9d, 0x7d, 0x48, 0x33, 0x39, 0xd8, 0x08, 0x09, 0xa1, 0xd8, 0x05,
  0x53, 0xbd, 0xa4, 0x02, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01,
]);

/** Bytes of return data that the precompile which ran last wrote; 0 after a failure. */
export let precompileOutputLength: u32 = 0;

/** Whether the account (a word, least significant limb first) is a precompile of the fork. */
export function isPrecompile(account: usize): bool {
  if ((load<u64>(account, 8) | load<u64>(account, 16) | load<u64>(account, 24)) != 0) return false;
  const number = load<u64>(account);
  if (number <= <u64> PRECOMPILE_POINT_EVALUATION) return number != 0;
  const fork = getNumber(SLOT_FORK);
  if (number <= <u64> PRECOMPILE_BLS12_MAP_G2) return fork >= <u64> FORK_PRAGUE;
  return number == <u64> PRECOMPILE_P256VERIFY && fork >= <u64> FORK_OSAKA;
}

/**
 * Runs the precompile at `account` and answers the gas that it used, or -1 when it failed, which
 * takes all gas. Output is at `out`, `precompileOutputLength` bytes.
 */
export function runPrecompile(
  account: usize,
  input: usize,
  inputLength: u32,
  gas: i64,
  out: usize,
): i64 {
  precompileOutputLength = 0;
  const used = dispatch(load<u32>(account), input, inputLength, gas, out);
  if (used < 0) precompileOutputLength = 0;
  return used;
}

function dispatch(number: u32, input: usize, length: u32, gas: i64, out: usize): i64 {
  switch (number) {
    case PRECOMPILE_ECRECOVER:
      return runEcrecover(input, length, gas, out);
    case PRECOMPILE_SHA256: {
      const cost = sha256Gas(length);
      if (!pays(gas, cost)) return -1;
      sha256(out, input, length);
      precompileOutputLength = 32;
      return <i64> cost;
    }
    case PRECOMPILE_RIPEMD160: {
      const cost = ripemd160Gas(length);
      if (!pays(gas, cost)) return -1;
      ripemd160(out + 12, input, length);
      memory.fill(out, 0, 12);
      precompileOutputLength = 32;
      return <i64> cost;
    }
    case PRECOMPILE_IDENTITY: {
      const cost = identityGas(length);
      if (!pays(gas, cost)) return -1;
      if (<usize> length > <usize> RETURN_DATA_END - out) fault(FAULT_RETURN_DATA_FULL);
      memory.copy(out, input, length);
      precompileOutputLength = length;
      return <i64> cost;
    }
    case PRECOMPILE_MODEXP: {
      const used = runModexp(input, length, gas, out);
      precompileOutputLength = modexpOutputLength;
      return used;
    }
    case PRECOMPILE_BN254_ADD:
      if (!pays(gas, GAS_BN254_ADD)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BN254_ADD, pad(input, length, 128), 128, GAS_BN254_ADD, out);
    case PRECOMPILE_BN254_MUL:
      if (!pays(gas, GAS_BN254_MUL)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BN254_MUL, pad(input, length, 96), 96, GAS_BN254_MUL, out);
    case PRECOMPILE_BN254_PAIRING: {
      const pairs = length / BN254_PAIR_BYTES;
      const cost = bn254PairingGas(pairs);
      if (length % BN254_PAIR_BYTES != 0 || !pays(gas, cost)) return -1;
      count(COUNTER_PAIRINGS, pairs);
      return runCrypto(CRYPTO_BN254_PAIRING, input, length, cost, out);
    }
    case PRECOMPILE_BLAKE2F: {
      if (length != BLAKE2F_INPUT_BYTES) return -1;
      const cost: u64 = blake2fRounds(input);
      if (!pays(gas, cost) || !blake2f(out, input)) return -1;
      precompileOutputLength = 64;
      return <i64> cost;
    }
    case PRECOMPILE_POINT_EVALUATION:
      return runPointEvaluation(input, length, gas, out);
    case PRECOMPILE_P256VERIFY:
      if (!pays(gas, GAS_P256VERIFY)) return -1;
      // An input of another length is no valid signature, and no failure (EIP-7951).
      if (length != P256VERIFY_BYTES) return <i64> GAS_P256VERIFY;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_P256VERIFY, input, length, GAS_P256VERIFY, out);
    default:
      return dispatchBls12(number, input, length, gas, out);
  }
}

/** EIP-2537. */
function dispatchBls12(number: u32, input: usize, length: u32, gas: i64, out: usize): i64 {
  switch (number) {
    case PRECOMPILE_BLS12_G1ADD:
      if (length != 2 * BLS12_G1_BYTES || !pays(gas, GAS_BLS12_G1ADD)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BLS12_G1ADD, input, length, GAS_BLS12_G1ADD, out);
    case PRECOMPILE_BLS12_G1MSM: {
      const terms = length / BLS12_G1_TERM_BYTES;
      const cost = bls12G1MsmGas(terms);
      if (terms == 0 || length % BLS12_G1_TERM_BYTES != 0 || !pays(gas, cost)) return -1;
      count(COUNTER_CURVE_OPERATIONS, terms);
      return runCrypto(CRYPTO_BLS12_G1MSM, input, length, cost, out);
    }
    case PRECOMPILE_BLS12_G2ADD:
      if (length != 2 * BLS12_G2_BYTES || !pays(gas, GAS_BLS12_G2ADD)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BLS12_G2ADD, input, length, GAS_BLS12_G2ADD, out);
    case PRECOMPILE_BLS12_G2MSM: {
      const terms = length / BLS12_G2_TERM_BYTES;
      const cost = bls12G2MsmGas(terms);
      if (terms == 0 || length % BLS12_G2_TERM_BYTES != 0 || !pays(gas, cost)) return -1;
      count(COUNTER_CURVE_OPERATIONS, terms);
      return runCrypto(CRYPTO_BLS12_G2MSM, input, length, cost, out);
    }
    case PRECOMPILE_BLS12_PAIRING: {
      const pairs = length / BLS12_PAIR_BYTES;
      const cost = bls12PairingGas(pairs);
      if (pairs == 0 || length % BLS12_PAIR_BYTES != 0 || !pays(gas, cost)) return -1;
      count(COUNTER_PAIRINGS, pairs);
      return runCrypto(CRYPTO_BLS12_PAIRING, input, length, cost, out);
    }
    case PRECOMPILE_BLS12_MAP_G1:
      if (length != BLS12_FP_BYTES || !pays(gas, GAS_BLS12_MAP_G1)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BLS12_MAP_G1, input, length, GAS_BLS12_MAP_G1, out);
    case PRECOMPILE_BLS12_MAP_G2:
      if (length != 2 * BLS12_FP_BYTES || !pays(gas, GAS_BLS12_MAP_G2)) return -1;
      count(COUNTER_CURVE_OPERATIONS, 1);
      return runCrypto(CRYPTO_BLS12_MAP_G2, input, length, GAS_BLS12_MAP_G2, out);
    default:
      // Callers ask isPrecompile first.
      return -1;
  }
}

/** A signature that nobody made gives no output, and no failure. */
function runEcrecover(input: usize, length: u32, gas: i64, out: usize): i64 {
  if (!pays(gas, GAS_ECRECOVER)) return -1;
  const padded = pad(input, length, 128);
  // v is a whole word: 27 or 28.
  const upper = load<u64>(padded, 32) | load<u64>(padded, 40) | load<u64>(padded, 48);
  const v = bswap<u64>(load<u64>(padded, 56));
  if (upper != 0 || (v != 27 && v != 28)) return <i64> GAS_ECRECOVER;
  count(COUNTER_ECRECOVERS, 1);
  return runCrypto(CRYPTO_ECRECOVER, padded, 128, GAS_ECRECOVER, out);
}

/** EIP-4844. */
function runPointEvaluation(input: usize, length: u32, gas: i64, out: usize): i64 {
  if (length != POINT_EVALUATION_BYTES || !pays(gas, GAS_POINT_EVALUATION)) return -1;
  // The versioned hash is the commitment's SHA-256 with the first byte replaced.
  sha256(DIGEST, input + 96, 48);
  store<u8>(DIGEST, KZG_VERSION);
  for (let i: usize = 0; i < 32; i += 8) {
    if (load<u64>(DIGEST + i) != load<u64>(input + i)) return -1;
  }
  count(COUNTER_PAIRINGS, 2);
  if (crypto(CRYPTO_POINT_EVALUATION, input + 32, 160, out) < 0) return -1;
  memory.copy(out, POINT_EVALUATION_ANSWER, 64);
  precompileOutputLength = 64;
  return <i64> GAS_POINT_EVALUATION;
}

function runCrypto(operation: i32, input: usize, length: u32, cost: u64, out: usize): i64 {
  const outputLength = crypto(operation, input, length, out);
  if (outputLength < 0) return -1;
  precompileOutputLength = outputLength;
  return <i64> cost;
}
@inline
function pays(gas: i64, cost: u64): bool {
  return <u64> gas >= cost;
}

/** The first `wanted` bytes of an input that zeros follow without end. */
function pad(input: usize, length: u32, wanted: u32): usize {
  memory.fill(PADDED, 0, wanted);
  memory.copy(PADDED, input, min<u32>(length, wanted));
  return PADDED;
}
