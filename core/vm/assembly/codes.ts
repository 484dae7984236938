/**
 * Codes: their bytes and where they may be jumped to, found by keccak256 and kept over runs.
 *
 * Owns the table of codes, the analysis, and init code, which is not kept. Codes grow up from
 * CODES_BASE, init codes grow down from CODES_END. Does not own what code does.
 */
import {
  ACCOUNTING_PAID,
  accountFarCall,
  accountWrite,
  addDecommitRefund,
  isAccounting,
} from "./accounting";
import {
  ACCOUNT_CODE_ACCOUNTING,
  ACCOUNT_CODE_ENTRY,
  ACCOUNT_CODE_HASH,
  copyWord,
  insert,
  isZeroWord,
  sameWord,
  zeroWord,
} from "./cells";
import { decommit } from "./host";
import { keccak256 } from "./keccak";
import {
  CODES_BASE,
  CODES_END,
  COUNTER_KECCAK_F,
  COUNTER_PUBDATA_BYTES,
  COUNTER_STORAGE_READS,
  COUNTER_STORAGE_WRITES,
  FAULT_CODE_MISMATCH,
  FAULT_CODES_FULL,
  SLOT_TABLE_SEED,
} from "./layout";
import { count, counterPtr, fault, getNumber } from "./memory";
import {
  noteSticky,
  pushMark,
  pushWord,
  TAG_CODE_HASH,
  TAG_PAID_SHIFT,
  TAG_PUBLISHED,
} from "./undo";

// A code entry; the bytes of the code, or of its analysis, do not move.
/** 32 BE bytes: keccak256; zero for init code. */
export const CODE_HASH: usize = 0;
/** u32: the bytes; CODE_PADDING zero bytes follow, so that a PUSH may read past the end. */
export const CODE_PTR: usize = 32;
/** u32. */
export const CODE_LENGTH: usize = 36;
/** u32: a bit for each byte, lowest first; 0 = not analysed yet. */
export const CODE_JUMPDESTS: usize = 40;
/** u32: room for the analysis that was set aside; 0 = none. */
const CODE_BITMAP: usize = 44;
/** u32: run in which it was decommitted; only the accounting's. */
const CODE_DECOMMIT_RUN: usize = 48;
/** u32: number of the collection that has it. */
export const CODE_COLLECTED: usize = 52;
/** u32: run in which the host was asked for it, or in which it was deployed. */
const CODE_NOTED_RUN: usize = 56;
/** u32: run in which its publication was paid for. */
export const CODE_PUBLISHED_RUN: usize = 60;
const CODE_ENTRY_BYTES: usize = 64;
export const CODE_PADDING: u32 = 64;

const FIRST_CAPACITY: u32 = 4096;
/**
 * Codes of earlier runs keep to the first 64 MiB: what is left is more than a block's gas can read,
 * so that no transaction's fate depends on what ran before.
 */
const KEPT_END: usize = CODES_BASE + (64 << 20);
const ERGS_PER_CODE_WORD: u64 = 4;
export const LENGTH_PREFIX_BYTES: u64 = 4;
const JUMPDEST: u32 = 0x5b;
const PUSH1: u32 = 0x60;
const PUSH32: u32 = 0x7f;

const HASH_SCRATCH: usize = memory.data(32, 16);

/** 0 = the table was never set up. */
let codesTop: usize = 0;
let temporaryBottom: usize = CODES_END;
let table: usize = CODES_BASE;
let capacity: u32 = FIRST_CAPACITY;
let codeCount: u32 = 0;
let seed: u32 = 0;
/** Number of the run. */
let run: u32 = 0;

/** Forgets all codes; no run may be in progress. */
export function forgetCodes(): void {
  table = CODES_BASE;
  capacity = FIRST_CAPACITY;
  codeCount = 0;
  memory.fill(table, 0, capacity << 2);
  codesTop = table + (capacity << 2);
  seed = <u32> getNumber(SLOT_TABLE_SEED);
}

/** A new run: codes stay while they leave room for whatever one block can read. */
export function resetCodes(): void {
  run++;
  temporaryBottom = CODES_END;
  if (codesTop == 0 || codesTop > KEPT_END) forgetCodes();
}

/** Init codes of the transaction before are gone. */
export function beginTxCodes(): void {
  temporaryBottom = CODES_END;
}

/** Gives the account the code of `length` bytes; 0 clears. */
export function setCode(cell: usize, code: usize, length: u32): void {
  if (length == 0) return clearCode(cell);
  keccak256(HASH_SCRATCH, code, length);
  let entry = findCode(HASH_SCRATCH);
  if (entry == 0) {
    entry = reserveCode(length);
    memory.copy(load<u32>(entry, CODE_PTR), code, length);
    keepCode(entry, HASH_SCRATCH, length);
  }
  // Also where it is left from an earlier run: what the host is asked for must not depend on that.
  store<u32>(entry, run, CODE_NOTED_RUN);
  publish(entry, length);
  writeHash(cell, HASH_SCRATCH);
  store<u32>(cell, <u32> entry, ACCOUNT_CODE_ENTRY);
}

/** The account has no code. */
export function clearCode(cell: usize): void {
  zeroWord(HASH_SCRATCH);
  writeHash(cell, HASH_SCRATCH);
  store<u32>(cell, 0, ACCOUNT_CODE_ENTRY);
}

/**
 * The entry of the account's code, 0 for none. Accounts a far call's read of the code hash and the
 * decommit.
 */
export function codeOf(cell: usize): usize {
  count(COUNTER_STORAGE_READS, 1);
  if (isAccounting) accountFarCall(cell, cell + ACCOUNT_CODE_ACCOUNTING);
  let entry: usize = load<u32>(cell, ACCOUNT_CODE_ENTRY);
  if (entry == 0) {
    if (isZeroWord(cell + ACCOUNT_CODE_HASH)) return 0;
    entry = findCode(cell + ACCOUNT_CODE_HASH);
    if (entry == 0) entry = fetchCode(cell + ACCOUNT_CODE_HASH);
    store<u32>(cell, <u32> entry, ACCOUNT_CODE_ENTRY);
  }
  if (load<u32>(entry, CODE_NOTED_RUN) != run) {
    store<u32>(entry, run, CODE_NOTED_RUN);
    decommit(entry, 0, 0);
  }
  if (isAccounting) accountDecommit(entry);
  return entry;
}

/** A deployed code is published with its length, once a run (zk-stack, section 2.3). */
function publish(entry: usize, length: u32): void {
  if (!isAccounting || load<u32>(entry, CODE_PUBLISHED_RUN) == run) return;
  store<u32>(entry, run, CODE_PUBLISHED_RUN);
  count(COUNTER_PUBDATA_BYTES, LENGTH_PREFIX_BYTES + length);
  pushMark(entry, TAG_PUBLISHED);
}

/** The entry of a code that is known, 0 where it is not. */
export function findCode(hash: usize): usize {
  const mask = capacity - 1;
  let index = hashCode(hash) & mask;
  let entry: usize = load<u32>(table + (index << 2));
  while (entry != 0) {
    if (sameWord(entry, hash)) return entry;
    index = (index + 1) & mask;
    entry = load<u32>(table + (index << 2));
  }
  return 0;
}

/** Finds out once where the code may be jumped to. */
export function analyse(entry: usize): void {
  if (load<u32>(entry, CODE_JUMPDESTS) != 0) return;
  const length = load<u32>(entry, CODE_LENGTH);
  let bitmap: usize = load<u32>(entry, CODE_BITMAP);
  if (bitmap == 0) {
    bitmap = codesTop;
    claim(bitmapBytes(length));
  }
  memory.fill(bitmap, 0, bitmapBytes(length));
  const code: usize = load<u32>(entry, CODE_PTR);
  let at: u32 = 0;
  while (at < length) {
    const opcode = <u32> load<u8>(code + at);
    if (opcode == JUMPDEST) {
      const byte = bitmap + (at >>> 3);
      store<u8>(byte, <u8> (<u32> load<u8>(byte) | (1 << (at & 7))));
    } else if (opcode >= PUSH1 && opcode <= PUSH32) {
      at += opcode - PUSH1 + 1;
    }
    at++;
  }
  store<u32>(entry, <u32> bitmap, CODE_JUMPDESTS);
}

/** Copies init code; the entry is gone at releaseTemporaryCode, and when the next tx begins. */
export function temporaryCode(code: usize, length: u32): usize {
  const padded = alignUp(length + CODE_PADDING);
  const bytes = CODE_ENTRY_BYTES + padded + bitmapBytes(length);
  if (bytes > temporaryBottom - codesTop) fault(FAULT_CODES_FULL);
  temporaryBottom -= bytes;
  const entry = temporaryBottom;
  memory.fill(entry, 0, CODE_ENTRY_BYTES);
  const start = entry + CODE_ENTRY_BYTES;
  store<u32>(entry, <u32> start, CODE_PTR);
  store<u32>(entry, length, CODE_LENGTH);
  store<u32>(entry, <u32> (start + padded), CODE_BITMAP);
  memory.copy(start, code, length);
  memory.fill(start + length, 0, padded - length);
  return entry;
}

export function temporaryCodeMark(): u32 {
  return <u32> temporaryBottom;
}

/** Frees init codes that were made since the mark. */
export function releaseTemporaryCode(mark: u32): void {
  temporaryBottom = mark;
}

function writeHash(cell: usize, hash: usize): void {
  const accounting = cell + ACCOUNT_CODE_ACCOUNTING;
  const paid = <u32> load<u8>(accounting, ACCOUNTING_PAID);
  pushWord(cell + ACCOUNT_CODE_HASH, cell, TAG_CODE_HASH | (paid << TAG_PAID_SHIFT));
  copyWord(cell + ACCOUNT_CODE_HASH, hash);
  count(COUNTER_STORAGE_WRITES, 1);
  if (isAccounting) accountWrite(TAG_CODE_HASH, cell, accounting);
}

/** A code is paid for once a run; a later decommit gives all of its ergs back. */
function accountDecommit(entry: usize): void {
  if (load<u32>(entry, CODE_DECOMMIT_RUN) == run) {
    const words = (<u64> load<u32>(entry, CODE_LENGTH) + 31) >>> 5;
    return addDecommitRefund(ERGS_PER_CODE_WORD * words);
  }
  store<u32>(entry, run, CODE_DECOMMIT_RUN);
  noteSticky(entry + CODE_DECOMMIT_RUN, 0);
}

function fetchCode(hash: usize): usize {
  const entry = reserveCode(0);
  const limit = <i32> (temporaryBottom - codesTop - CODE_ENTRY_BYTES - 2 * CODE_PADDING);
  const length = decommit(hash, load<u32>(entry, CODE_PTR), limit);
  if (length < 0 || length > limit) fault(FAULT_CODES_FULL);
  checkHash(entry, hash, length);
  keepCode(entry, hash, length);
  store<u32>(entry, run, CODE_NOTED_RUN);
  return entry;
}

/** Codes outlive runs, so that what one host gave must hold for the next one too. */
function checkHash(entry: usize, hash: usize, length: u32): void {
  const counted = load<u64>(counterPtr(COUNTER_KECCAK_F));
  keccak256(HASH_SCRATCH, load<u32>(entry, CODE_PTR), length);
  // Whether a code has to be fetched depends on the instance, and counters must not.
  store<u64>(counterPtr(COUNTER_KECCAK_F), counted);
  if (!sameWord(HASH_SCRATCH, hash)) fault(FAULT_CODE_MISMATCH);
}

/** An entry on top of the codes with room for `length` bytes; keepCode makes it stay. */
function reserveCode(length: u32): usize {
  const room = CODE_ENTRY_BYTES + 2 * <usize> CODE_PADDING + length;
  if (room > temporaryBottom - codesTop) fault(FAULT_CODES_FULL);
  const entry = codesTop;
  memory.fill(entry, 0, CODE_ENTRY_BYTES);
  store<u32>(entry, <u32> (entry + CODE_ENTRY_BYTES), CODE_PTR);
  return entry;
}

function keepCode(entry: usize, hash: usize, length: u32): void {
  const padded = alignUp(length + CODE_PADDING);
  memory.fill(load<u32>(entry, CODE_PTR) + length, 0, padded - length);
  copyWord(entry, hash);
  store<u32>(entry, length, CODE_LENGTH);
  claim(CODE_ENTRY_BYTES + padded);
  if (++codeCount > capacity >>> 1) grow();
  insert(table, capacity - 1, hashCode(entry), entry);
}

function claim(bytes: usize): void {
  if (bytes > temporaryBottom - codesTop) fault(FAULT_CODES_FULL);
  codesTop += bytes;
}

function grow(): void {
  const old = table;
  const end = old + (capacity << 2);
  capacity <<= 1;
  table = codesTop;
  claim(capacity << 2);
  memory.fill(table, 0, capacity << 2);
  for (let at = old; at < end; at += 4) {
    const entry: usize = load<u32>(at);
    if (entry != 0) insert(table, capacity - 1, hashCode(entry), entry);
  }
}

// The hash is keccak256 already; the seed keeps it from being ground for one table.
@inline
function hashCode(hash: usize): u32 {
  return ((load<u32>(hash) ^ seed) * 0x9e3779b1) ^ load<u32>(hash, 4);
}

function alignUp(bytes: u32): u32 {
  return (bytes + 31) & ~31;
}

function bitmapBytes(length: u32): u32 {
  return alignUp((length + 7) >>> 3);
}
