/**
 * Reads and writes of storage slots, journaled and accounted.
 *
 * Owns the present and the transaction-start value as the EVM sees them, and slot warmth. Does not
 * own gas.
 */
import { ACCOUNTING_PAID, accountRead, accountWrite, isAccounting } from "./accounting";
import {
  copyWord,
  SLOT_ACCOUNTING,
  SLOT_LAST_NOTE,
  SLOT_ORIGINAL,
  SLOT_VALUE,
  SLOT_WARM_TX,
  SLOT_WRITTEN_TX,
} from "./cells";
import { COUNTER_STORAGE_READS, COUNTER_STORAGE_WRITES } from "./layout";
import { count } from "./memory";
import {
  latestMark,
  pushMark,
  pushWord,
  TAG_FIRST_WRITE,
  TAG_PAID_SHIFT,
  TAG_SLOT,
  TAG_SLOT_WARM,
  txEpoch,
} from "./undo";
@inline
export function isWarmSlot(cell: usize): bool {
  return load<u32>(cell, SLOT_WARM_TX) == txEpoch;
}

/** Warms the slot; whether it was warm before. */
@inline
export function warmSlot(cell: usize): bool {
  if (load<u32>(cell, SLOT_WARM_TX) == txEpoch) return true;
  store<u32>(cell, txEpoch, SLOT_WARM_TX);
  pushMark(cell, TAG_SLOT_WARM);
  return false;
}

/** Where the present value is (LE word). */
@inline
export function slotValue(cell: usize): usize {
  return cell + SLOT_VALUE;
}

/**
 * Where the value at the transaction's start is (LE word): the note of the first write, which is
 * in the journal for as long as the slot counts as written.
 */
@inline
export function slotOriginal(cell: usize): usize {
  return load<u32>(cell, SLOT_WRITTEN_TX) == txEpoch
    ? <usize> load<u32>(cell, SLOT_ORIGINAL)
    : cell + SLOT_VALUE;
}

/** Counts and accounts a read of the slot. */
export function readSlot(cell: usize): void {
  count(COUNTER_STORAGE_READS, 1);
  if (isAccounting) accountRead(TAG_SLOT, cell, cell + SLOT_ACCOUNTING);
}

/** Writes, counts and accounts. */
export function writeSlot(cell: usize, value: usize): void {
  writeSlotFree(cell, value);
  count(COUNTER_STORAGE_WRITES, 1);
  if (isAccounting) accountWrite(TAG_SLOT, cell, cell + SLOT_ACCOUNTING);
}

/** Writes with neither counter nor accounting: for slots of the system itself. */
export function writeSlotFree(cell: usize, value: usize): void {
  const paid = <u32> load<u8>(cell, SLOT_ACCOUNTING + ACCOUNTING_PAID);
  const tag = TAG_SLOT | (paid << TAG_PAID_SHIFT);
  if (load<u32>(cell, SLOT_WRITTEN_TX) != txEpoch) {
    const note = <u32> pushWord(cell + SLOT_VALUE, cell, tag | TAG_FIRST_WRITE);
    store<u32>(cell, txEpoch, SLOT_WRITTEN_TX);
    store<u32>(cell, note, SLOT_ORIGINAL);
    store<u32>(cell, note, SLOT_LAST_NOTE);
  } else if (load<u32>(cell, SLOT_LAST_NOTE) < <u32> latestMark) {
    store<u32>(cell, <u32> pushWord(cell + SLOT_VALUE, cell, tag), SLOT_LAST_NOTE);
  }
  copyWord(cell + SLOT_VALUE, value);
}
