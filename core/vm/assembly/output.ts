/**
 * What a run hands out: diffs, new codes and touched accounts, as records in OUTPUT.
 *
 * Owns the records' making, each collection after the one before. Does not own their order: the
 * host sorts.
 */
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_LOADED,
  ACCOUNT_NEXT,
  ACCOUNT_NONCE,
  ACCOUNT_SLOTS,
  ACCOUNT_START_BALANCE,
  ACCOUNT_START_CODE_HASH,
  ACCOUNT_START_NONCE,
  ACCOUNT_TABLE_SLOT,
  ACCOUNT_TOUCHED,
  BALANCE_ACCOUNT,
  CODE_HASH_ACCOUNT,
  copyWord,
  describeSlot,
  firstAccount,
  isZeroWord,
  NONCE_ACCOUNT,
  sameWord,
  SLOT_KEY,
  SLOT_NEXT,
  SLOT_START,
  SLOT_VALUE,
  zeroWord,
} from "./cells";
import { CODE_COLLECTED, CODE_LENGTH, CODE_PTR, findCode } from "./codes";
import {
  CODE_RECORD_BYTES,
  CODE_RECORD_LENGTH,
  CODE_RECORD_PTR,
  DIFF_ADDRESS,
  DIFF_BYTES,
  DIFF_NEW,
  DIFF_OLD,
  DIFF_SLOT,
  FAULT_OUTPUT_FULL,
  OUTPUT_BASE,
  PUBDATA_BASE,
  TOUCHED_RECORD_BYTES,
} from "./layout";
import { fault } from "./memory";
import { storeBE } from "./words";

let start: usize = OUTPUT_BASE;
let end: usize = OUTPUT_BASE;
/** Number of the collection, over all runs. */
let collection: u32 = 0;

export function resetOutput(): void {
  start = OUTPUT_BASE;
  end = OUTPUT_BASE;
}

/** Where the records of the last collection are. */
export function outputPtr(): usize {
  return start;
}

/** Every slot whose value differs from before the run, account fields included; how many. */
export function collectDiffs(): u32 {
  start = OUTPUT_BASE;
  end = OUTPUT_BASE;
  for (let cell = firstAccount(); cell != 0; cell = load<u32>(cell, ACCOUNT_NEXT)) {
    if (load<u32>(cell, ACCOUNT_LOADED) != 0) collectFields(cell);
    for (let at: usize = load<u32>(cell, ACCOUNT_SLOTS); at != 0; at = load<u32>(at, SLOT_NEXT)) {
      if (sameWord(at + SLOT_VALUE, at + SLOT_START)) continue;
      const record = reserve(DIFF_BYTES);
      storeBE(record + DIFF_ADDRESS, cell + ACCOUNT_ADDRESS);
      storeBE(record + DIFF_SLOT, at + SLOT_KEY);
      storeBE(record + DIFF_OLD, at + SLOT_START);
      storeBE(record + DIFF_NEW, at + SLOT_VALUE);
    }
  }
  return <u32> (end - start) / <u32> DIFF_BYTES;
}

/** Codes that an account has now and had not before the run; how many. */
export function collectCodes(): u32 {
  start = end;
  collection++;
  for (let cell = firstAccount(); cell != 0; cell = load<u32>(cell, ACCOUNT_NEXT)) {
    const hash = cell + ACCOUNT_CODE_HASH;
    if (isZeroWord(hash) || sameWord(hash, cell + ACCOUNT_START_CODE_HASH)) continue;
    const entry = findCode(hash);
    if (entry == 0 || load<u32>(entry, CODE_COLLECTED) == collection) continue;
    store<u32>(entry, collection, CODE_COLLECTED);
    const record = reserve(CODE_RECORD_BYTES);
    copyWord(record, hash);
    zeroWord(record + 32);
    store<u32>(record, load<u32>(entry, CODE_PTR), CODE_RECORD_PTR);
    store<u32>(record, load<u32>(entry, CODE_LENGTH), CODE_RECORD_LENGTH);
  }
  return <u32> (end - start) / CODE_RECORD_BYTES;
}

/** Accounts that were touched in the run (EIP-161); how many. */
export function collectTouched(): u32 {
  start = end;
  for (let cell = firstAccount(); cell != 0; cell = load<u32>(cell, ACCOUNT_NEXT)) {
    if (load<u32>(cell, ACCOUNT_TOUCHED) == 0) continue;
    storeBE(reserve(TOUCHED_RECORD_BYTES), cell + ACCOUNT_ADDRESS);
  }
  return <u32> (end - start) / TOUCHED_RECORD_BYTES;
}

function collectFields(cell: usize): void {
  const tableSlot = cell + ACCOUNT_TABLE_SLOT;
  if (!sameWord(cell + ACCOUNT_BALANCE, cell + ACCOUNT_START_BALANCE)) {
    const record = fieldRecord(BALANCE_ACCOUNT, tableSlot);
    storeBE(record + DIFF_OLD, cell + ACCOUNT_START_BALANCE);
    storeBE(record + DIFF_NEW, cell + ACCOUNT_BALANCE);
  }
  if (load<u64>(cell, ACCOUNT_NONCE) != load<u64>(cell, ACCOUNT_START_NONCE)) {
    const record = fieldRecord(NONCE_ACCOUNT, tableSlot);
    zeroWord(record + DIFF_OLD);
    zeroWord(record + DIFF_NEW);
    store<u64>(record + DIFF_OLD, bswap(load<u64>(cell, ACCOUNT_START_NONCE)), 24);
    store<u64>(record + DIFF_NEW, bswap(load<u64>(cell, ACCOUNT_NONCE)), 24);
  }
  if (!sameWord(cell + ACCOUNT_CODE_HASH, cell + ACCOUNT_START_CODE_HASH)) {
    const record = fieldRecord(CODE_HASH_ACCOUNT, describeSlot(cell));
    copyWord(record + DIFF_OLD, cell + ACCOUNT_START_CODE_HASH);
    copyWord(record + DIFF_NEW, cell + ACCOUNT_CODE_HASH);
  }
}

function fieldRecord(systemAccount: usize, slot: usize): usize {
  const record = reserve(DIFF_BYTES);
  copyWord(record + DIFF_ADDRESS, systemAccount);
  copyWord(record + DIFF_SLOT, slot);
  return record;
}

function reserve(bytes: usize): usize {
  const record = end;
  if (bytes > <usize> PUBDATA_BASE - record) fault(FAULT_OUTPUT_FULL);
  end = record + bytes;
  return record;
}
