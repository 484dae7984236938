/**
 * CREATE and CREATE2: addresses, collisions, and the frame that runs init code.
 */
import {
  depth,
  FRAME_ACCOUNT,
  FRAME_CALLER,
  FRAME_CREATES,
  FRAME_DATA,
  FRAME_DATA_LENGTH,
  FRAME_ENTRY,
  FRAME_GAS,
  FRAME_SP,
  FRAME_STATIC,
  FRAME_VALUE,
  getField,
  setField,
  setReturnDataLength,
  T0,
  T1,
  T2,
  T3,
} from "./frames";
import {
  GAS_CREATE,
  GAS_INIT_CODE_WORD,
  GAS_KECCAK_WORD,
  MAX_DEPTH,
  MAX_INIT_CODE_SIZE,
} from "./gas";
import { accountHasStorage } from "./host";
import { keccak256 } from "./keccak";
import {
  EXCEPTION_CALL_DEPTH,
  EXCEPTION_CREATE_COLLISION,
  EXCEPTION_INIT_CODE_SIZE,
  EXCEPTION_INSUFFICIENT_BALANCE,
  EXCEPTION_NONCE_OVERFLOW,
  EXCEPTION_NONE,
  EXCEPTION_OUT_OF_GAS,
  EXCEPTION_STATIC,
  WORD_BYTES,
} from "./layout";
import { rangeLength, rangePtr, useRange, wordsOf } from "./memory_gas";
import { answerCreate, endMessage, pushFrame, transfer } from "./calls";
import { OP_CREATE, OP_CREATE2 } from "./opcodes";
import {
  account,
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  hasCode,
  markCreated,
  nonceOf,
  setNonce,
  temporaryCode,
  temporaryCodeMark,
  undoMark,
  undoTo,
  warmAccount,
} from "./state";
import { copy, less, loadBytesBE, storeBE } from "./words";
import { traceCost, traceEnter, traceExit } from "./trace";

const ADDRESS_BYTES: i32 = 20;
/** What is hashed for an address: at most 85 bytes, with room for whole words. */
const PREIMAGE = memory.data(128, 16);
const HASH = memory.data(32, 16);
const ADDRESS = memory.data(32, 16);

/** The account that the hash at HASH names, as a cell. */
function accountOfHash(): usize {
  loadBytesBE(ADDRESS, HASH + (WORD_BYTES - ADDRESS_BYTES), ADDRESS_BYTES);
  return account(ADDRESS);
}

/** Writes the 20 bytes of an account to `out`; 12 bytes before it are overwritten. */
function storeAddress(out: usize, cell: usize): void {
  storeBE(out - (WORD_BYTES - ADDRESS_BYTES), cell + ACCOUNT_ADDRESS);
}

/** keccak256(rlp([creator, nonce])). */
export function createdByNonce(creator: usize, nonce: u64): usize {
  // From 32 on there is room for the 12 bytes before the address.
  const start = PREIMAGE + 32;
  storeAddress(start + 2, creator);
  store<u8>(start + 1, 0x80 + ADDRESS_BYTES);
  let end = start + 2 + ADDRESS_BYTES;
  if (nonce == 0) store<u8>(end++, 0x80);
  else if (nonce < 0x80) store<u8>(end++, <u8> nonce);
  else {
    const bytes = <usize> (8 - (clz(nonce) >> 3));
    store<u8>(end++, <u8> (0x80 + bytes));
    for (let i: usize = bytes; i > 0; i--) store<u8>(end++, <u8> (nonce >> (8 * (i - 1))));
  }
  store<u8>(start, <u8> (0xc0 + (end - start - 1)));
  keccak256(HASH, start, <u32> (end - start));
  return accountOfHash();
}

/** EIP-1014. */
function createdBySalt(creator: usize, salt: usize, code: usize, length: u32): usize {
  const start = PREIMAGE + 32;
  keccak256(start + 21 + WORD_BYTES, code, length);
  storeAddress(start + 1, creator);
  storeBE(start + 21, salt);
  store<u8>(start, 0xff);
  keccak256(HASH, start, 85);
  return accountOfHash();
}

/**
 * Begins the creation that stands on the stack of `frame`, whose fields are all up to date. Answers
 * an exception of the calling frame, or 0: then a new frame is on top, or all is over already.
 */
export function beginCreate(frame: usize, opcode: i32): i32 {
  if (getField(frame, FRAME_STATIC) != 0) return EXCEPTION_STATIC;
  const s = <usize> getField(frame, FRAME_SP);
  const isSalted = opcode == OP_CREATE2;
  let gas = useRange(frame, s + T1, s + T2, load<i64>(frame + FRAME_GAS) - GAS_CREATE);
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;
  const code = rangePtr;
  const length = rangeLength;
  if (length > MAX_INIT_CODE_SIZE) return EXCEPTION_INIT_CODE_SIZE;
  const wordGas = isSalted ? GAS_INIT_CODE_WORD + GAS_KECCAK_WORD : GAS_INIT_CODE_WORD;
  gas -= wordGas * <i64> wordsOf(length);
  if (gas < 0) return EXCEPTION_OUT_OF_GAS;

  const childGas = gas - gas / 64;
  store<i64>(frame + FRAME_GAS, gas - childGas);
  setField(frame, FRAME_SP, <u32> (s - (isSalted ? 4 : 3) * WORD_BYTES));
  setReturnDataLength(0);
  const creator = <usize> getField(frame, FRAME_ACCOUNT);
  const value = s + T0;
  const nonce = nonceOf(creator);
  if (TRACE) {
    traceCost(gas);
    const created = isSalted
      ? createdBySalt(creator, s + T3, code, length)
      : createdByNonce(creator, nonce);
    traceEnter(opcode, creator, created, code, length, childGas, value);
  }
  // EIP-2681 bounds the nonce.
  if (depth > MAX_DEPTH || less(creator + ACCOUNT_BALANCE, value) || nonce == u64.MAX_VALUE) {
    if (TRACE) {
      const isPoor = less(creator + ACCOUNT_BALANCE, value);
      const reason = isPoor ? EXCEPTION_INSUFFICIENT_BALANCE : EXCEPTION_NONCE_OVERFLOW;
      traceExit(0, 0, childGas, depth > MAX_DEPTH ? EXCEPTION_CALL_DEPTH : reason);
    }
    answerCreate(frame, childGas, 0);
    return EXCEPTION_NONE;
  }
  // The nonce and the warmth stay when the creation fails.
  setNonce(creator, nonce + 1);
  const cell = isSalted
    ? createdBySalt(creator, s + T3, code, length)
    : createdByNonce(creator, nonce);
  warmAccount(cell);
  const exception = beginInitCode(creator, cell, value, code, length, childGas);
  if (TRACE && exception != EXCEPTION_NONE) traceExit(0, 0, 0, exception);
  if (exception != EXCEPTION_NONE) answerCreate(frame, 0, 0);
  return EXCEPTION_NONE;
}

/** Puts the frame of init code on top, or answers why the account cannot be created. */
function beginInitCode(
  creator: usize,
  cell: usize,
  value: usize,
  code: usize,
  length: u32,
  gas: i64,
): i32 {
  if (isTaken(cell)) return EXCEPTION_CREATE_COLLISION;
  const mark = undoMark();
  markCreated(cell);
  setNonce(cell, 1);
  const exception = transfer(creator, cell, value);
  if (exception != EXCEPTION_NONE) {
    undoTo(mark);
    return exception;
  }
  const codeMark = temporaryCodeMark();
  const frame = pushFrame(cell, temporaryCode(code, length), gas, mark);
  setField(frame, FRAME_ENTRY, codeMark);
  setField(frame, FRAME_CREATES, 1);
  setField(frame, FRAME_CALLER, <u32> creator);
  setField(frame, FRAME_DATA, 0);
  setField(frame, FRAME_DATA_LENGTH, 0);
  setField(frame, FRAME_STATIC, 0);
  copy(frame + FRAME_VALUE, value);
  return EXCEPTION_NONE;
}

/** EIP-684 and EIP-7610. */
function isTaken(cell: usize): bool {
  if (nonceOf(cell) != 0 || hasCode(cell)) return true;
  storeBE(HASH, cell + ACCOUNT_ADDRESS);
  return accountHasStorage(HASH) != 0;
}

/**
 * Begins a message that creates; the sender's nonce counts it already. True when a frame is there
 * to run, false when the result is there already.
 */
export function beginMessageCreate(
  caller: usize,
  value: usize,
  code: usize,
  length: u32,
  gas: i64,
): bool {
  if (TRACE) {
    const created = createdByNonce(caller, nonceOf(caller) - 1);
    traceEnter(OP_CREATE, caller, created, code, length, gas, value);
  }
  if (less(caller + ACCOUNT_BALANCE, value)) {
    if (TRACE) traceExit(0, 0, gas, EXCEPTION_INSUFFICIENT_BALANCE);
    endMessage(EXCEPTION_INSUFFICIENT_BALANCE, gas, 0);
    return false;
  }
  const cell = createdByNonce(caller, nonceOf(caller) - 1);
  warmAccount(cell);
  const exception = beginInitCode(caller, cell, value, code, length, gas);
  if (exception == EXCEPTION_NONE) return true;
  if (TRACE) traceExit(0, 0, 0, exception);
  endMessage(exception, 0, 0);
  return false;
}
