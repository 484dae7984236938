/**
 * The journal: what brings the state back to a mark, and the sticky log of the external snapshot.
 *
 * Owns both logs and how each kind of entry is undone. The journal grows up from UNDO_BASE and
 * undoes everything that a frame's revert restores (zk-stack, section 1.7). The sticky log grows
 * down from UNDO_END, only while a snapshot is live, and holds what survives a revert. An entry
 * ends with two u32, its subject and its tag, so that the log reads from the end; the old value, if
 * any, lies before them.
 */
import { ACCOUNTING_FLAGS_MASK, ACCOUNTING_PAID } from "./accounting";
import {
  ACCOUNT_ADDRESS,
  ACCOUNT_BALANCE,
  ACCOUNT_BALANCE_ACCOUNTING,
  ACCOUNT_CODE_ACCOUNTING,
  ACCOUNT_CODE_ENTRY,
  ACCOUNT_CODE_HASH,
  ACCOUNT_CREATED_TX,
  ACCOUNT_DESTROY_NEXT,
  ACCOUNT_DESTROY_TX,
  ACCOUNT_NONCE,
  ACCOUNT_NONCE_ACCOUNTING,
  ACCOUNT_TOUCHED,
  ACCOUNT_WARM_TX,
  copyWord,
  SLOT_ACCOUNTING,
  SLOT_LAST_NOTE,
  SLOT_VALUE,
  SLOT_WARM_TX,
  SLOT_WRITTEN_TX,
} from "./cells";
import { CODE_LENGTH, CODE_PUBLISHED_RUN, LENGTH_PREFIX_BYTES } from "./codes";
import { COUNTER_PUBDATA_BYTES, FAULT_UNDO_FULL, UNDO_BASE, UNDO_END } from "./layout";
import { undoLog } from "./logs";
import { count, fault } from "./memory";
import { TRANSIENT_VALUE } from "./transient";

// Tags with an old value of 32 bytes. The low four are also the kinds of slots that the accounting
// knows (FIELD_…).
export const TAG_SLOT: u32 = 0;
export const TAG_BALANCE: u32 = 1;
export const TAG_CODE_HASH: u32 = 2;
export const TAG_TRANSIENT: u32 = 4;
// Tag with one of 8 bytes.
export const TAG_NONCE: u32 = 3;
// Tags without.
export const TAG_SLOT_WARM: u32 = 5;
export const TAG_ACCOUNT_WARM: u32 = 6;
export const TAG_CREATED: u32 = 7;
export const TAG_DESTROY: u32 = 8;
export const TAG_TOUCHED: u32 = 9;
export const TAG_LOG: u32 = 10;
export const TAG_PUBLISHED: u32 = 11;
export const TAG_MASK: u32 = 0xff;
/** Bits 8 to 15: bytes that were paid for the slot before. */
export const TAG_PAID_SHIFT: u32 = 8;
/** The slot had not been written in this transaction before. */
export const TAG_FIRST_WRITE: u32 = 0x10000;

const RIPEMD_ADDRESS: u64 = 3;

export let undoTop: usize = UNDO_BASE;
let stickyTop: usize = UNDO_END;
/** No undoTo goes to a mark above it: a slot noted since then needs no second note. */
export let latestMark: usize = UNDO_BASE;
/** Where the journal stood when the transaction began. */
export let txUndoStart: usize = UNDO_BASE;
/** Number of the transaction, over all runs: marks of older ones do not count. */
export let txEpoch: u32 = 1;
export let snapshotLive: bool = false;
let isRollingBack: bool = false;
/** The account that was scheduled last to be destroyed in this transaction. */
export let destroyHead: usize = 0;

export function resetUndo(): void {
  undoTop = UNDO_BASE;
  txUndoStart = UNDO_BASE;
  latestMark = UNDO_BASE;
  stickyTop = UNDO_END;
  snapshotLive = false;
  txEpoch++;
  destroyHead = 0;
}

/** A new transaction. Without a snapshot nothing can ask for what came before it. */
export function beginTxUndo(): void {
  if (!snapshotLive) undoTop = UNDO_BASE;
  txUndoStart = undoTop;
  latestMark = undoTop;
  txEpoch++;
  destroyHead = 0;
}

export function setDestroyHead(cell: usize): void {
  destroyHead = cell;
}
@inline
function reserve(bytes: usize): usize {
  const entry = undoTop;
  if (bytes > stickyTop - entry) fault(FAULT_UNDO_FULL);
  undoTop = entry + bytes;
  return entry;
}

/** Notes the word at `source`; answers where the note is. */
@inline
export function pushWord(source: usize, subject: usize, tag: u32): usize {
  const entry = reserve(40);
  copyWord(entry, source);
  store<u32>(entry, <u32> subject, 32);
  store<u32>(entry, tag, 36);
  return entry;
}

export function pushNumber(value: u64, subject: usize, tag: u32): void {
  const entry = reserve(16);
  store<u64>(entry, value);
  store<u32>(entry, <u32> subject, 8);
  store<u32>(entry, tag, 12);
}

export function pushMark(subject: usize, tag: u32): void {
  const entry = reserve(8);
  store<u32>(entry, <u32> subject);
  store<u32>(entry, tag, 4);
}

/** A mark to come back to; newer marks are never lower than older ones that still count. */
export function undoMark(): u32 {
  latestMark = undoTop;
  return <u32> undoTop;
}

/** Size of the journal's entry with this tag. */
export function entryBytes(tag: u32): usize {
  const kind = tag & TAG_MASK;
  return kind == TAG_NONCE ? 16 : kind <= TAG_TRANSIENT ? 40 : 8;
}

/** Undoes what was written since the mark. */
export function undoTo(mark: u32): void {
  while (undoTop > <usize> mark) {
    const tag = load<u32>(undoTop - 4);
    const subject: usize = load<u32>(undoTop - 8);
    undoTop -= entryBytes(tag);
    undoEntry(undoTop, subject, tag);
  }
  latestMark = undoTop;
}

function undoEntry(entry: usize, subject: usize, tag: u32): void {
  switch (tag & TAG_MASK) {
    case TAG_SLOT:
      copyWord(subject + SLOT_VALUE, entry);
      store<u32>(subject, 0, SLOT_LAST_NOTE);
      if (tag & TAG_FIRST_WRITE) store<u32>(subject, 0, SLOT_WRITTEN_TX);
      undoPaid(subject + SLOT_ACCOUNTING, tag);
      break;
    case TAG_BALANCE:
      copyWord(subject + ACCOUNT_BALANCE, entry);
      undoPaid(subject + ACCOUNT_BALANCE_ACCOUNTING, tag);
      break;
    case TAG_CODE_HASH:
      copyWord(subject + ACCOUNT_CODE_HASH, entry);
      store<u32>(subject, 0, ACCOUNT_CODE_ENTRY);
      undoPaid(subject + ACCOUNT_CODE_ACCOUNTING, tag);
      break;
    case TAG_NONCE:
      store<u64>(subject, load<u64>(entry), ACCOUNT_NONCE);
      undoPaid(subject + ACCOUNT_NONCE_ACCOUNTING, tag);
      break;
    case TAG_TRANSIENT:
      // At a rollback the transient store is dropped as a whole; its cells may be gone already.
      if (!isRollingBack) copyWord(subject + TRANSIENT_VALUE, entry);
      break;
    case TAG_SLOT_WARM:
      store<u32>(subject, 0, SLOT_WARM_TX);
      break;
    case TAG_ACCOUNT_WARM:
      store<u32>(subject, 0, ACCOUNT_WARM_TX);
      break;
    case TAG_CREATED:
      store<u32>(subject, 0, ACCOUNT_CREATED_TX);
      break;
    case TAG_DESTROY:
      store<u32>(subject, 0, ACCOUNT_DESTROY_TX);
      destroyHead = load<u32>(subject, ACCOUNT_DESTROY_NEXT);
      break;
    case TAG_TOUCHED:
      if (isRollingBack || !isRipemd(subject)) store<u32>(subject, 0, ACCOUNT_TOUCHED);
      else noteSticky(subject + ACCOUNT_TOUCHED, 0);
      break;
    case TAG_PUBLISHED:
      store<u32>(subject, 0, CODE_PUBLISHED_RUN);
      count(
        COUNTER_PUBDATA_BYTES,
        0 - (LENGTH_PREFIX_BYTES + <u64> load<u32>(subject, CODE_LENGTH)),
      );
      break;
    default:
      undoLog(subject);
  }
}

/** Its touch survives a revert: what happened in mainnet's block 2675119 became the rule. */
function isRipemd(cell: usize): bool {
  return load<u64>(cell, ACCOUNT_ADDRESS) == RIPEMD_ADDRESS &&
    (load<u64>(cell, 8) | load<u64>(cell, 16)) == 0;
}

/** Takes back what the write added to the pubdata: the difference of what was paid. */
@inline
function undoPaid(accounting: usize, tag: u32): void {
  const before = (tag >>> TAG_PAID_SHIFT) & 0xff;
  const now = <u32> load<u8>(accounting, ACCOUNTING_PAID);
  if (now == before) return;
  count(COUNTER_PUBDATA_BYTES, <u64> (<i64> before - <i64> now));
  store<u8>(accounting, <u8> before, ACCOUNTING_PAID);
}

/**
 * Notes that `flags` were set in the accounting word at `pointer`, or with no flags that the u32
 * there was zero: only a rollback to the snapshot takes that back.
 */
@inline
export function noteSticky(pointer: usize, flags: u32): void {
  if (snapshotLive) pushSticky(pointer, flags);
}

function pushSticky(pointer: usize, flags: u32): void {
  if (stickyTop - undoTop < 4) fault(FAULT_UNDO_FULL);
  stickyTop -= 4;
  store<u32>(stickyTop, <u32> pointer | flags);
}

export function beginSticky(): void {
  stickyTop = UNDO_END;
  snapshotLive = true;
}

export function endSticky(): void {
  stickyTop = UNDO_END;
  snapshotLive = false;
}

/** Undoes journal and sticky log; the snapshot is over. */
export function rollbackTo(mark: u32): void {
  isRollingBack = true;
  undoTo(mark);
  isRollingBack = false;
  while (stickyTop < <usize> UNDO_END) {
    const entry = load<u32>(stickyTop);
    const pointer: usize = entry & ~ACCOUNTING_FLAGS_MASK;
    const flags = entry & ACCOUNTING_FLAGS_MASK;
    if (flags == 0) store<u32>(pointer, 0);
    else store<u32>(pointer, load<u32>(pointer) & ~flags);
    stickyTop += 4;
  }
  snapshotLive = false;
}
