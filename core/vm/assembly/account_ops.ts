/**
 * Opcodes that look at accounts and at the block.
 *
 * Those that can fail take the biased stack pointer and the gas, and answer the gas that is left,
 * negative when it does not suffice. The others write their word to `out`.
 */
import { T0, txBlobCount, txBlobHashes } from "./frames";
import { GAS_COLD_ACCOUNT, GAS_WARM } from "./gas";
import { blockHash } from "./host";
import { PROFILE_ETHEREUM, SLOT_NUMBER, SLOT_PROFILE, WORD_BYTES } from "./layout";
import { getNumber } from "./memory";
import { isPrecompile } from "./precompiles";
import {
  account,
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_CODE_HASH,
  bareAccount,
  CODE_LENGTH,
  codeOf,
  isEmpty,
  slot,
  slotValue,
  warmAccount,
} from "./state";
import { copy, loadBE, setU64, zero } from "./words";
import { traceCost } from "./trace";

/** Blocks whose hash can be asked for. */
const HASHES: u64 = 256;
/** EIP-2935. */
const HISTORY_RING: u64 = 8191;

/** 0x0000F90827F1C53a10cb7A02335B175320002935 as a word. */
const HISTORY_ACCOUNT = memory.data<u64>([
  0x335b175320002935,
  0x27f1c53a10cb7a02,
  0x0000f908,
  0,
]);
/** keccak256 of no bytes, big-endian. */
const EMPTY_HASH = memory.data<u8>([
  0xc5, 0xd2, 0x46, 0x01, 0x86, 0xf7, 0x23, 0x3c, 0x92, 0x7e, 0x7d, 0xb2, 0xdc, 0xc7, 0x03, 0xc0,
  0xe5, 0x00, 0xb6, 0x53, 0xca, 0x82, 0x27, 0x3b, 0x7b, 0xfa, 0xd8, 0x04, 0x5d, 0x85, 0xa4, 0x70,
]);
const SCRATCH = memory.data(32, 16);

/** The cell of the account that the low 20 bytes of a word name. */
export function accountOf(word: usize): usize {
  store<u64>(SCRATCH, load<u64>(word));
  store<u64>(SCRATCH, load<u64>(word, 8), 8);
  store<u64>(SCRATCH, load<u64>(word, 16) & 0xffffffff, 16);
  store<u64>(SCRATCH, 0, 24);
  return account(SCRATCH);
}

/** Whether the account was warm, which it is then; precompiles always are (EIP-2929). */
export function useAccount(cell: usize): bool {
  return warmAccount(cell) || isPrecompile(cell + ACCOUNT_ADDRESS);
}

/** EIP-2929: pays for the use of an account. */
export function payAccess(cell: usize, gas: i64): i64 {
  return gas - (useAccount(cell) ? GAS_WARM : GAS_COLD_ACCOUNT);
}

export function opBalance(s: usize, gas: i64): i64 {
  const cell = accountOf(s + T0);
  gas = payAccess(cell, gas);
  if (TRACE && gas >= 0) traceCost(gas);
  if (gas >= 0) copy(s + T0, cell + ACCOUNT_BALANCE);
  return gas;
}

export function opExtCodeSize(s: usize, gas: i64): i64 {
  const cell = accountOf(s + T0);
  gas = payAccess(cell, gas);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  const entry = codeOf(cell);
  setU64(s + T0, entry == 0 ? 0 : <u64> load<u32>(entry + CODE_LENGTH));
  return gas;
}

export function opExtCodeHash(s: usize, gas: i64): i64 {
  const cell = accountOf(s + T0);
  gas = payAccess(cell, gas);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  const hash = cell + ACCOUNT_CODE_HASH;
  const isNone = (load<u64>(hash) | load<u64>(hash, 8) | load<u64>(hash, 16) |
    load<u64>(hash, 24)) == 0;
  if (isEmpty(cell)) zero(s + T0);
  else loadBE(s + T0, isNone ? EMPTY_HASH : hash);
  return gas;
}

/** Puts the hash of the block with the number at `s + T0` in its place, or zero. */
export function blockHashWord(s: usize): void {
  const word = s + T0;
  const number = load<u64>(word);
  const isFar = (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) != 0;
  const current = getNumber(SLOT_NUMBER);
  if (isFar || number >= current || current - number > HASHES) {
    zero(word);
    return;
  }
  if (getNumber(SLOT_PROFILE) == PROFILE_ETHEREUM) {
    blockHash(number, SCRATCH);
    loadBE(word, SCRATCH);
    return;
  }
  // The ring is read as it is, beside gas, warmth and accounting: the opcode has its own price.
  setU64(SCRATCH, number % HISTORY_RING);
  copy(word, slotValue(slot(bareAccount(HISTORY_ACCOUNT), SCRATCH)));
}

/** EIP-4844. */
export function blobHashWord(s: usize): void {
  const word = s + T0;
  const index = load<u64>(word);
  const isFar = (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) != 0;
  if (isFar || index >= <u64> txBlobCount) zero(word);
  else loadBE(word, txBlobHashes + <usize> index * WORD_BYTES);
}
