/**
 * The lengths, the price and the bounds of precompile 0x05; the arithmetic is the host's.
 *
 * Gas decides before anything is read: lengths are 256-bit numbers of the caller and mean nothing
 * until they are paid for.
 */
import { crypto } from "./host";
import {
  COUNTER_MODEXP_WORK,
  CRYPTO_MODEXP,
  FAULT_RETURN_DATA_FULL,
  FORK_OSAKA,
  RETURN_DATA_END,
  SLOT_FORK,
} from "./layout";
import { count, fault, getNumber } from "./memory";
import { GAS_UNPAYABLE, modexpGas, modexpWork } from "./precompile_gas";

/** Header: three lengths as 32-byte numbers, then the exponent's head. */
const HEADER: usize = memory.data(96, 16);
const HEAD: usize = memory.data(32, 16);
const HEADER_BYTES: u32 = 96;
/** EIP-7823: most bytes of each of the three numbers. */
const MAX_BYTES: u64 = 1024;
/** Bytes of a base that the host can hold; what passes it costs more than 2^43 gas. */
const MAX_BASE_BYTES: u64 = 0x4000000;

export let modexpOutputLength: u32 = 0;

/** Gas used, or -1; as `runPrecompile`. */
export function runModexp(input: usize, inputLength: u32, gas: i64, out: usize): i64 {
  memory.fill(HEADER, 0, HEADER_BYTES);
  memory.copy(HEADER, input, min<u32>(inputLength, HEADER_BYTES));
  const baseLength = readLength(HEADER);
  const exponentLength = readLength(HEADER + 32);
  const modulusLength = readLength(HEADER + 64);
  const fork = getNumber(SLOT_FORK);
  const longest = max<u64>(max<u64>(baseLength, exponentLength), modulusLength);
  if (fork >= <u64> FORK_OSAKA && longest > MAX_BYTES) return -1;

  const headBits = exponentHeadBits(input, inputLength, baseLength, exponentLength);
  const cost = modexpGas(fork, baseLength, exponentLength, modulusLength, headBits);
  if (cost == GAS_UNPAYABLE || cost > <u64> gas) return -1;
  count(COUNTER_MODEXP_WORK, modexpWork(baseLength, exponentLength, modulusLength, headBits));

  modexpOutputLength = 0;
  if (modulusLength == 0) return <i64> cost;
  if (baseLength > MAX_BASE_BYTES || modulusLength > <u64> RETURN_DATA_END - <u64> out) {
    fault(FAULT_RETURN_DATA_FULL);
  }
  const length = crypto(CRYPTO_MODEXP, input, inputLength, out);
  if (length < 0) return -1;
  modexpOutputLength = length;
  return <i64> cost;
}

/** The 32-byte big-endian number at `src`; what passes 64 bits saturates. */
function readLength(src: usize): u64 {
  if ((load<u64>(src) | load<u64>(src, 8) | load<u64>(src, 16)) != 0) return u64.MAX_VALUE;
  return bswap<u64>(load<u64>(src, 24));
}

/** Bit length of the first 32 bytes of the exponent; bytes after the input's end are zero. */
function exponentHeadBits(
  input: usize,
  inputLength: u32,
  baseLength: u64,
  exponentLength: u64,
): u64 {
  const headLength = <u32> min<u64>(exponentLength, 32);
  memory.fill(HEAD, 0, 32);
  // Compared before it is added, as the sum may pass 64 bits.
  if (baseLength < <u64> inputLength) {
    const start = HEADER_BYTES + baseLength;
    if (start < <u64> inputLength) {
      const present = <u32> min<u64>(headLength, <u64> inputLength - start);
      memory.copy(HEAD + (32 - headLength), input + <usize> start, present);
    }
  }
  for (let limb: u32 = 0; limb < 4; limb++) {
    const value = bswap<u64>(load<u64>(HEAD + (limb << 3)));
    if (value != 0) return 256 - 64 * <u64> limb - clz<u64>(value);
  }
  return 0;
}
