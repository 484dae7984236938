/**
 * Storage accounting (zk-stack, sections 2.3 and 3.2): refunds, pubdata, and the two vectors.
 *
 * Owns the accounting word of each slot, the price of a write and the vectors `refunds` and
 * `pubdata_costs` in order of operations. Runs in the rollup profile only. Account fields are slots
 * like any other. Does not own values or the journal.
 */
import {
  ACCOUNT_BALANCE,
  ACCOUNT_CODE_HASH,
  ACCOUNT_NONCE,
  ACCOUNT_START_BALANCE,
  ACCOUNT_START_CODE_HASH,
  ACCOUNT_START_NONCE,
  ACCOUNT_TABLE_SLOT,
  BALANCE_ACCOUNT,
  CODE_HASH_ACCOUNT,
  describeAccount,
  describeSlot,
  NONCE_ACCOUNT,
  sameWord,
  SLOT_ACCOUNT,
  SLOT_START,
  SLOT_VALUE,
} from "./cells";
import { costOfWritingStorage, isFreeStorageSlot } from "./host";
import {
  COUNTER_PUBDATA_BYTES,
  FAULT_VECTORS_FULL,
  PROFILE_ROLLUP,
  PUBDATA_COSTS_BASE,
  PUBDATA_COSTS_END,
  REFUNDS_BASE,
  SLOT_PROFILE,
} from "./layout";
import { count, fault, getNumber } from "./memory";
import { noteSticky, TAG_BALANCE, TAG_CODE_HASH, TAG_SLOT } from "./undo";

// The accounting word of a slot: four bytes.
/** Flags. The two low ones are the read set and the written set. */
export const ACCOUNTING_FLAGS: usize = 0;
export const ACCOUNTING_READ: u32 = 1;
export const ACCOUNTING_WRITTEN: u32 = 2;
/** Flags that a rollback to the snapshot clears. */
export const ACCOUNTING_FLAGS_MASK: u32 = 3;
/** The host was asked whether the slot is free, and it is. */
const FREE_ASKED: u32 = 4;
const FREE: u32 = 8;
/** Bytes that were paid for the slot. */
export const ACCOUNTING_PAID: usize = 1;
/** Bytes that name the slot; 0 = not asked. */
const ACCOUNTING_KEY_PART: usize = 2;

const WARM_READ_REFUND: i32 = 1970;
const WARM_WRITE_REFUND: i32 = 5440;
const COLD_WRITE_AFTER_READ_REFUND: i32 = 2000;

const INELIGIBLE_BYTES: u32 = 31;
const UNCOMPRESSED_BYTES: u32 = 33;

/** Whether the accounting runs. */
export let isAccounting: bool = false;
let refundsEnd: usize = REFUNDS_BASE;
let costsEnd: usize = PUBDATA_COSTS_BASE;
let storageRefund: u64 = 0;
let decommitRefund: u64 = 0;

const VALUE_SCRATCH: usize = memory.data(32, 16);
const START_SCRATCH: usize = memory.data(32, 16);

export function resetAccounting(): void {
  isAccounting = getNumber(SLOT_PROFILE) == PROFILE_ROLLUP;
  refundsEnd = REFUNDS_BASE;
  costsEnd = PUBDATA_COSTS_BASE;
  beginTxAccounting();
}

export function beginTxAccounting(): void {
  storageRefund = 0;
  decommitRefund = 0;
}

/** Entries of `refunds`. */
export function refundsLength(): u32 {
  return <u32> (refundsEnd - REFUNDS_BASE) >>> 2;
}

/** Entries of `pubdata_costs`. */
export function pubdataCostsLength(): u32 {
  return <u32> (costsEnd - PUBDATA_COSTS_BASE) >>> 2;
}

/** Shortens both vectors to what they were, and restores the sums of the transaction. */
export function restoreAccounting(refunds: u32, costs: u32, storage: u64, ergs: u64): void {
  refundsEnd = <usize> REFUNDS_BASE + (<usize> refunds << 2);
  costsEnd = <usize> PUBDATA_COSTS_BASE + (<usize> costs << 2);
  storageRefund = storage;
  decommitRefund = ergs;
}

/** Sum of the storage refunds of this transaction; no revert takes from it. */
export function txStorageRefund(): u64 {
  return storageRefund;
}

/** Ergs that decommits of this transaction got back. */
export function txDecommitRefund(): u64 {
  return decommitRefund;
}

export function addDecommitRefund(ergs: u64): void {
  decommitRefund += ergs;
}
@inline
function pushRefund(refund: i32): void {
  const end = refundsEnd;
  if (end == PUBDATA_COSTS_BASE) fault(FAULT_VECTORS_FULL);
  store<i32>(end, refund);
  refundsEnd = end + 4;
  storageRefund += refund;
}
@inline
export function pushPubdataCost(bytes: i32): void {
  const end = costsEnd;
  if (end == PUBDATA_COSTS_END) fault(FAULT_VECTORS_FULL);
  store<i32>(end, bytes);
  costsEnd = end + 4;
}

/** A read of the slot of `cell` that is of kind `field` (TAG_SLOT … TAG_NONCE). */
export function accountRead(field: u32, cell: usize, accounting: usize): void {
  const flags = <u32> load<u8>(accounting);
  if ((flags & ACCOUNTING_READ) != 0 || isFree(field, cell, accounting)) {
    pushRefund(WARM_READ_REFUND);
  } else {
    setFlags(accounting, ACCOUNTING_READ);
    pushRefund(0);
  }
  pushPubdataCost(0);
}

/** A far call's read of a code hash: it marks, and gives no refund. */
export function accountFarCall(cell: usize, accounting: usize): void {
  if (
    (<u32> load<u8>(accounting) & ACCOUNTING_READ) == 0 &&
    !isFree(TAG_CODE_HASH, cell, accounting)
  ) setFlags(accounting, ACCOUNTING_READ);
  pushPubdataCost(0);
}

/** A write that was just done; the cell has the new value. */
export function accountWrite(field: u32, cell: usize, accounting: usize): void {
  const flags = <u32> load<u8>(accounting);
  if (isFree(field, cell, accounting)) {
    if ((flags & ACCOUNTING_WRITTEN) == 0) setFlags(accounting, ACCOUNTING_WRITTEN);
    pushRefund(WARM_WRITE_REFUND);
    pushPubdataCost(0);
    return;
  }
  const cost = costOfWriting(field, cell, accounting);
  const difference = <i32> cost - <i32> load<u8>(accounting, ACCOUNTING_PAID);
  store<u8>(accounting, <u8> cost, ACCOUNTING_PAID);
  count(COUNTER_PUBDATA_BYTES, <u64> (<i64> difference));
  pushPubdataCost(difference);
  if ((flags & ACCOUNTING_WRITTEN) != 0) return pushRefund(WARM_WRITE_REFUND);
  if ((flags & ACCOUNTING_READ) != 0) {
    setFlags(accounting, ACCOUNTING_WRITTEN);
    return pushRefund(COLD_WRITE_AFTER_READ_REFUND);
  }
  setFlags(accounting, ACCOUNTING_READ | ACCOUNTING_WRITTEN);
  pushRefund(0);
}
@inline
function setFlags(accounting: usize, flags: u32): void {
  store<u8>(accounting, <u8> (<u32> load<u8>(accounting) | flags));
  noteSticky(accounting, flags);
}
@inline
function isFree(field: u32, cell: usize, accounting: usize): bool {
  if ((<u32> load<u8>(accounting) & FREE_ASKED) == 0) askFree(field, cell, accounting);
  return (<u32> load<u8>(accounting) & FREE) != 0;
}

function askFree(field: u32, cell: usize, accounting: usize): void {
  const answer = isFreeStorageSlot(systemAccount(field, cell), systemSlot(field, cell));
  const flags = answer != 0 ? FREE_ASKED | FREE : FREE_ASKED;
  store<u8>(accounting, <u8> (<u32> load<u8>(accounting) | flags));
}

function costOfWriting(field: u32, cell: usize, accounting: usize): u32 {
  let value = cell + SLOT_VALUE;
  let start = cell + SLOT_START;
  if (field != TAG_SLOT) {
    if (field == TAG_BALANCE) {
      value = cell + ACCOUNT_BALANCE;
      start = cell + ACCOUNT_START_BALANCE;
    } else if (field == TAG_CODE_HASH) {
      swapWord(VALUE_SCRATCH, cell + ACCOUNT_CODE_HASH);
      swapWord(START_SCRATCH, cell + ACCOUNT_START_CODE_HASH);
      value = VALUE_SCRATCH;
      start = START_SCRATCH;
    } else {
      setNumberWord(VALUE_SCRATCH, load<u64>(cell, ACCOUNT_NONCE));
      setNumberWord(START_SCRATCH, load<u64>(cell, ACCOUNT_START_NONCE));
      value = VALUE_SCRATCH;
      start = START_SCRATCH;
    }
  }
  if (sameWord(value, start)) return 0;
  let keyPart = <u32> load<u8>(accounting, ACCOUNTING_KEY_PART);
  if (keyPart == 0) {
    keyPart = costOfWritingStorage(systemAccount(field, cell), systemSlot(field, cell));
    store<u8>(accounting, <u8> keyPart, ACCOUNTING_KEY_PART);
  }
  return keyPart + compressedBytes(value, start);
}

/** BE word of the account that the field is stored in. */
function systemAccount(field: u32, cell: usize): usize {
  if (field == TAG_SLOT) return describeAccount(load<u32>(cell, SLOT_ACCOUNT));
  if (field == TAG_BALANCE) return BALANCE_ACCOUNT;
  return field == TAG_CODE_HASH ? CODE_HASH_ACCOUNT : NONCE_ACCOUNT;
}

/** BE word of the slot that the field is stored in. */
function systemSlot(field: u32, cell: usize): usize {
  // A slot cell begins with its key, an account cell with its address.
  if (field == TAG_SLOT || field == TAG_CODE_HASH) return describeSlot(cell);
  return cell + ACCOUNT_TABLE_SLOT;
}

function swapWord(out: usize, source: usize): void {
  store<u64>(out, bswap(load<u64>(source, 24)));
  store<u64>(out, bswap(load<u64>(source, 16)), 8);
  store<u64>(out, bswap(load<u64>(source, 8)), 16);
  store<u64>(out, bswap(load<u64>(source)), 24);
}

function setNumberWord(out: usize, value: u64): void {
  store<u64>(out, value);
  store<u64>(out, 0, 8);
  store<u64>(out, 0, 16);
  store<u64>(out, 0, 24);
}

/** Metadata byte and the shortest of new - old, old - new and new; 33 when none is eligible. */
export function compressedBytes(value: usize, old: usize): u32 {
  const v0 = load<u64>(value), v1 = load<u64>(value, 8);
  const v2 = load<u64>(value, 16), v3 = load<u64>(value, 24);
  const o0 = load<u64>(old), o1 = load<u64>(old, 8);
  const o2 = load<u64>(old, 16), o3 = load<u64>(old, 24);
  const transform = limbBytes(v0, v1, v2, v3);
  const b0 = <u64> (v0 < o0);
  const b1 = <u64> (v1 < o1) | (<u64> (v1 == o1) & b0);
  const b2 = <u64> (v2 < o2) | (<u64> (v2 == o2) & b1);
  const d0 = v0 - o0, d1 = v1 - o1 - b0, d2 = v2 - o2 - b1, d3 = v3 - o3 - b2;
  const add = limbBytes(d0, d1, d2, d3);
  // The negative: complement plus one, whose carry runs through limbs that are zero.
  const n0 = 0 - d0;
  const n1 = ~d1 + <u64> (d0 == 0);
  const n2 = ~d2 + <u64> ((d0 | d1) == 0);
  const n3 = ~d3 + <u64> ((d0 | d1 | d2) == 0);
  const shortest = min(transform, min(add, limbBytes(n0, n1, n2, n3)));
  return shortest < INELIGIBLE_BYTES ? 1 + shortest : UNCOMPRESSED_BYTES;
}

function limbBytes(l0: u64, l1: u64, l2: u64, l3: u64): u32 {
  if (l3 != 0) return 32 - (<u32> clz(l3) >>> 3);
  if (l2 != 0) return 24 - (<u32> clz(l2) >>> 3);
  if (l1 != 0) return 16 - (<u32> clz(l1) >>> 3);
  return 8 - (<u32> clz(l0) >>> 3);
}
