/**
 * Accounts as the EVM and the bootloader change them: journaled, and accounted as slots.
 *
 * Owns balance, nonce and the marks of a transaction: warm, created, to be destroyed, touched. Does
 * not own codes' bytes.
 */
import { ACCOUNTING_PAID, accountWrite, isAccounting } from "./accounting";
import {
  ACCOUNT_BALANCE,
  ACCOUNT_BALANCE_ACCOUNTING,
  ACCOUNT_CODE_HASH,
  ACCOUNT_CREATED_TX,
  ACCOUNT_DESTROY_NEXT,
  ACCOUNT_DESTROY_TX,
  ACCOUNT_NONCE,
  ACCOUNT_NONCE_ACCOUNTING,
  ACCOUNT_TOUCHED,
  ACCOUNT_WARM_TX,
  copyWord,
  isZeroWord,
  SLOT_ACCOUNT,
  SLOT_VALUE,
} from "./cells";
import { clearCode } from "./codes";
import { COUNTER_STORAGE_WRITES } from "./layout";
import { count } from "./memory";
import { writeSlot } from "./slots";
import {
  destroyHead,
  entryBytes,
  pushMark,
  pushNumber,
  pushWord,
  setDestroyHead,
  TAG_ACCOUNT_WARM,
  TAG_BALANCE,
  TAG_CREATED,
  TAG_DESTROY,
  TAG_MASK,
  TAG_NONCE,
  TAG_PAID_SHIFT,
  TAG_SLOT,
  TAG_TOUCHED,
  txEpoch,
  txUndoStart,
  undoTop,
} from "./undo";
import { add, sub } from "./words";

const ZERO: usize = memory.data(32, 16);
const SUM: usize = memory.data(32, 16);

export function isWarmAccount(cell: usize): bool {
  return load<u32>(cell, ACCOUNT_WARM_TX) == txEpoch;
}

/** Warms the account; whether it was warm before. */
export function warmAccount(cell: usize): bool {
  if (load<u32>(cell, ACCOUNT_WARM_TX) == txEpoch) return true;
  store<u32>(cell, txEpoch, ACCOUNT_WARM_TX);
  pushMark(cell, TAG_ACCOUNT_WARM);
  return false;
}

export function hasCode(cell: usize): bool {
  return !isZeroWord(cell + ACCOUNT_CODE_HASH);
}

/** Empty as EIP-161 says: nothing of it is in the state. */
export function isEmpty(cell: usize): bool {
  return load<u64>(cell, ACCOUNT_NONCE) == 0 && isZeroWord(cell + ACCOUNT_BALANCE) &&
    isZeroWord(cell + ACCOUNT_CODE_HASH);
}

export function exists(cell: usize): bool {
  return !isEmpty(cell);
}

/** Marks the account as touched in this run (EIP-161). */
export function touch(cell: usize): void {
  if (load<u32>(cell, ACCOUNT_TOUCHED) != 0) return;
  store<u32>(cell, 1, ACCOUNT_TOUCHED);
  pushMark(cell, TAG_TOUCHED);
}

export function setBalance(cell: usize, value: usize): void {
  const accounting = cell + ACCOUNT_BALANCE_ACCOUNTING;
  const paid = <u32> load<u8>(accounting, ACCOUNTING_PAID);
  pushWord(cell + ACCOUNT_BALANCE, cell, TAG_BALANCE | (paid << TAG_PAID_SHIFT));
  copyWord(cell + ACCOUNT_BALANCE, value);
  count(COUNTER_STORAGE_WRITES, 1);
  if (isAccounting) accountWrite(TAG_BALANCE, cell, accounting);
}

/** False where the balance would pass 2^256 - 1; nothing is done then. Adding 0 is no write. */
export function addBalance(cell: usize, value: usize): bool {
  if (isZeroWord(value)) return true;
  if (add(SUM, cell + ACCOUNT_BALANCE, value)) return false;
  setBalance(cell, SUM);
  return true;
}

/** False where the balance is too low; nothing is done then. Taking 0 is no write. */
export function subBalance(cell: usize, value: usize): bool {
  if (isZeroWord(value)) return true;
  if (sub(SUM, cell + ACCOUNT_BALANCE, value)) return false;
  setBalance(cell, SUM);
  return true;
}
@inline
export function nonceOf(cell: usize): u64 {
  return load<u64>(cell, ACCOUNT_NONCE);
}

export function setNonce(cell: usize, nonce: u64): void {
  const accounting = cell + ACCOUNT_NONCE_ACCOUNTING;
  const paid = <u32> load<u8>(accounting, ACCOUNTING_PAID);
  pushNumber(load<u64>(cell, ACCOUNT_NONCE), cell, TAG_NONCE | (paid << TAG_PAID_SHIFT));
  store<u64>(cell, nonce, ACCOUNT_NONCE);
  count(COUNTER_STORAGE_WRITES, 1);
  if (isAccounting) accountWrite(TAG_NONCE, cell, accounting);
}

/** Marks the account as created in this transaction. */
export function markCreated(cell: usize): void {
  if (load<u32>(cell, ACCOUNT_CREATED_TX) == txEpoch) return;
  store<u32>(cell, txEpoch, ACCOUNT_CREATED_TX);
  pushMark(cell, TAG_CREATED);
}

export function isCreated(cell: usize): bool {
  return load<u32>(cell, ACCOUNT_CREATED_TX) == txEpoch;
}

/** The account is to lose everything when the transaction ends; the caller knows EIP-6780. */
export function scheduleDestroy(cell: usize): void {
  if (load<u32>(cell, ACCOUNT_DESTROY_TX) == txEpoch) return;
  store<u32>(cell, txEpoch, ACCOUNT_DESTROY_TX);
  store<u32>(cell, <u32> destroyHead, ACCOUNT_DESTROY_NEXT);
  pushMark(cell, TAG_DESTROY);
  setDestroyHead(cell);
}

export function isDestroyScheduled(cell: usize): bool {
  return load<u32>(cell, ACCOUNT_DESTROY_TX) == txEpoch;
}

/** Destroys what was scheduled, at the end of the transaction. */
export function destroyScheduled(): void {
  if (destroyHead == 0) return;
  const end = undoTop;
  for (let cell = destroyHead; cell != 0; cell = load<u32>(cell, ACCOUNT_DESTROY_NEXT)) {
    if (!isZeroWord(cell + ACCOUNT_BALANCE)) setBalance(cell, ZERO);
    if (load<u64>(cell, ACCOUNT_NONCE) != 0) setNonce(cell, 0);
    if (!isZeroWord(cell + ACCOUNT_CODE_HASH)) clearCode(cell);
  }
  clearSlots(end);
}

/**
 * Zeroes the slots of destroyed accounts. They were created in this transaction, with no storage
 * (EIP-7610), so all their slots are in the journal; its order does not depend on what an excluded
 * transaction left among the cells.
 */
function clearSlots(end: usize): void {
  let top = end;
  while (top > txUndoStart) {
    const tag = load<u32>(top - 4);
    const cell: usize = load<u32>(top - 8);
    top -= entryBytes(tag);
    if ((tag & TAG_MASK) != TAG_SLOT) continue;
    if (!isDestroyScheduled(load<u32>(cell, SLOT_ACCOUNT))) continue;
    if (!isZeroWord(cell + SLOT_VALUE)) writeSlot(cell, ZERO);
  }
}
