/**
 * Opcodes that move bytes: copies to memory, KECCAK256, LOG, MCOPY, CALLDATALOAD.
 *
 * Each takes its frame, the biased stack pointer before it pops, and the gas that is there; answers
 * the gas that is left, negative when the frame halts (`takeHaltReason` says why).
 */
import {
  FRAME_ACCOUNT,
  FRAME_CODE,
  FRAME_CODE_LENGTH,
  FRAME_DATA,
  FRAME_DATA_LENGTH,
  FRAME_MEMORY,
  FRAME_STATIC,
  getField,
  halt,
  returnDataLength,
  T0,
  T1,
  T2,
  T3,
} from "./frames";
import { GAS_KECCAK, GAS_KECCAK_WORD, GAS_LOG, GAS_LOG_BYTE } from "./gas";
import { keccak256 } from "./keccak";
import { EXCEPTION_RETURN_DATA_BOUNDS, EXCEPTION_STATIC, RETURN_DATA_BASE } from "./layout";
import {
  copyPadded,
  copyPrice,
  expandMemory,
  rangeLength,
  rangePtr,
  useRange,
  wordsOf,
} from "./memory_gas";
import { accountOf, payAccess } from "./account_ops";
import { limbs, reversed } from "./stack";
import { appendLog, CODE_LENGTH, CODE_PTR, codeOf, logsEnd } from "./state";
import { loadBE, zero } from "./words";
import { noteLog, traceCost, traceLog } from "./trace";

/** Big-endian hash before it becomes a word. */
const HASH = memory.data(32, 16);

export function opKeccak256(frame: usize, s: usize, gas: i64): i64 {
  gas = useRange(frame, s + T0, s + T1, gas - GAS_KECCAK);
  if (gas < 0) return gas;
  gas -= GAS_KECCAK_WORD * <i64> wordsOf(rangeLength);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  keccak256(HASH, rangePtr, rangeLength);
  // As loadBE does, but the hash was just written limb by limb, and is to be read so.
  v128.store(s, reversed(limbs(HASH, 16)), T1);
  v128.store(s, reversed(limbs(HASH, 0)), T1 + 16);
  return gas;
}

/** Writes the 32 bytes of call data at the word `s + T0` in its place. */
export function callDataWord(frame: usize, s: usize): void {
  const word = s + T0;
  const start = load<u64>(word);
  const isFar = (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) != 0;
  const length = getField(frame, FRAME_DATA_LENGTH);
  zero(word);
  if (isFar || start >= length) return;
  const source = <usize> getField(frame, FRAME_DATA) + <usize> start;
  const available = min<u32>(32, length - <u32> start);
  if (available == 32) loadBE(word, source);
  else {
    // The bytes that are there are the upper ones.
    memory.fill(HASH, 0, 32);
    memory.copy(HASH, source, available);
    loadBE(word, HASH);
  }
}

/** CALLDATACOPY, CODECOPY: base price 3 (paid here), source from the frame. */
function copyFrom(frame: usize, s: usize, gas: i64, source: usize, available: u32): i64 {
  gas = useRange(frame, s + T0, s + T2, gas - 3);
  if (gas < 0) return gas;
  gas -= copyPrice(rangeLength);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  copyPadded(rangePtr, rangeLength, source, available, s + T1);
  return gas;
}

export function opCallDataCopy(frame: usize, s: usize, gas: i64): i64 {
  const length = getField(frame, FRAME_DATA_LENGTH);
  return copyFrom(frame, s, gas, getField(frame, FRAME_DATA), length);
}

export function opCodeCopy(frame: usize, s: usize, gas: i64): i64 {
  const length = getField(frame, FRAME_CODE_LENGTH);
  return copyFrom(frame, s, gas, getField(frame, FRAME_CODE), length);
}

export function opReturnDataCopy(frame: usize, s: usize, gas: i64): i64 {
  const offset = s + T1;
  const size = s + T2;
  const isFar = (load<u64>(offset, 8) | load<u64>(offset, 16) | load<u64>(offset, 24) |
    load<u64>(size, 8) | load<u64>(size, 16) | load<u64>(size, 24)) != 0;
  const start = load<u64>(offset);
  const length = load<u64>(size);
  const available = <u64> returnDataLength;
  if (isFar || start > available || length > available - start) {
    return halt(EXCEPTION_RETURN_DATA_BOUNDS);
  }
  return copyFrom(frame, s, gas, RETURN_DATA_BASE, returnDataLength);
}

export function opExtCodeCopy(frame: usize, s: usize, gas: i64): i64 {
  const cell = accountOf(s + T0);
  gas = payAccess(cell, gas);
  if (gas < 0) return gas;
  gas = useRange(frame, s + T1, s + T3, gas);
  if (gas < 0) return gas;
  gas -= copyPrice(rangeLength);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  const entry = codeOf(cell);
  const source: usize = entry == 0 ? 0 : <usize> load<u32>(entry + CODE_PTR);
  const available: u32 = entry == 0 ? 0 : load<u32>(entry + CODE_LENGTH);
  copyPadded(rangePtr, rangeLength, source, available, s + T2);
  return gas;
}

/** EIP-5656. */
export function opMcopy(frame: usize, s: usize, gas: i64): i64 {
  // The one that reaches further decides over the size of the memory; both are paid for in turn.
  gas = useRange(frame, s + T1, s + T2, gas - 3);
  if (gas < 0) return gas;
  const source = rangePtr;
  gas = useRange(frame, s + T0, s + T2, gas);
  if (gas < 0) return gas;
  gas -= copyPrice(rangeLength);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  memory.copy(rangePtr, source, rangeLength);
  return gas;
}

export function opMstore8(frame: usize, s: usize, gas: i64): i64 {
  const offset = s + T0;
  if ((load<u64>(offset, 8) | load<u64>(offset, 16) | load<u64>(offset, 24)) != 0) return -1;
  const start = load<u64>(offset);
  if (start >= 0xffffffff) return -1;
  gas = expandMemory(frame, start + 1, gas - 3);
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  store<u8>(<usize> getField(frame, FRAME_MEMORY) + <usize> start, load<u8>(s + T1));
  return gas;
}

/** Makes room for the word at the word `offset` of memory. */
export function expandForWord(frame: usize, offset: usize, gas: i64): i64 {
  if ((load<u64>(offset, 8) | load<u64>(offset, 16) | load<u64>(offset, 24)) != 0) return -1;
  const start = load<u64>(offset);
  if (start > 0xffffffff - 32) return -1;
  return expandMemory(frame, start + 32, gas);
}

export function opLog(frame: usize, s: usize, gas: i64, topicCount: u32): i64 {
  if (getField(frame, FRAME_STATIC) != 0) return halt(EXCEPTION_STATIC);
  gas -= GAS_LOG + GAS_LOG * <i64> topicCount;
  if (gas < 0) return gas;
  gas = useRange(frame, s + T0, s + T1, gas);
  if (gas < 0) return gas;
  gas -= GAS_LOG_BYTE * <i64> rangeLength;
  if (gas < 0) return gas;
  if (TRACE) traceCost(gas);
  if (TRACE) noteLog(logsEnd());
  appendLog(getField(frame, FRAME_ACCOUNT), topicCount, s + T2, rangePtr, rangeLength);
  if (TRACE) traceLog(logsEnd());
  return gas;
}
