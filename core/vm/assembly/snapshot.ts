/**
 * The operator's snapshot: one at a time, taken between transactions.
 *
 * Owns what a rollback restores beyond the journal: the accounting's sets (by the sticky log), the
 * lengths of its vectors, counters and the bootloader's fields of the interface page. Costs what
 * changed since, not what there is.
 */
import {
  pubdataCostsLength,
  refundsLength,
  restoreAccounting,
  txDecommitRefund,
  txStorageRefund,
} from "./accounting";
import { COUNTER_COUNT, FAULT_SNAPSHOT, SLOT_COUNTERS, SLOT_TX_INDEX } from "./layout";
import { fault, getNumber, setNumber, slotPtr } from "./memory";
import { refundCounter, setRefundCounter } from "./refund";
import { clearTransient } from "./transient";
import { beginSticky, endSticky, rollbackTo, snapshotLive, undoMark } from "./undo";

const COUNTER_BYTES: usize = COUNTER_COUNT * 32;
const SAVED_COUNTERS: usize = memory.data(COUNTER_COUNT * 32, 16);

let mark: u32 = 0;
let refunds: u32 = 0;
let costs: u32 = 0;
let storageRefund: u64 = 0;
let decommitRefund: u64 = 0;
let evmRefund: i64 = 0;
let txIndex: u64 = 0;

/** Marks the state to come back to. */
export function snapshot(): void {
  if (snapshotLive) fault(FAULT_SNAPSHOT);
  mark = undoMark();
  refunds = refundsLength();
  costs = pubdataCostsLength();
  storageRefund = txStorageRefund();
  decommitRefund = txDecommitRefund();
  evmRefund = refundCounter();
  txIndex = getNumber(SLOT_TX_INDEX);
  memory.copy(SAVED_COUNTERS, slotPtr(SLOT_COUNTERS), COUNTER_BYTES);
  beginSticky();
}

/** Undoes everything since the snapshot, which is over then. */
export function rollback(): void {
  if (!snapshotLive) fault(FAULT_SNAPSHOT);
  rollbackTo(mark);
  clearTransient();
  restoreAccounting(refunds, costs, storageRefund, decommitRefund);
  setRefundCounter(evmRefund);
  setNumber(SLOT_TX_INDEX, txIndex);
  memory.copy(slotPtr(SLOT_COUNTERS), SAVED_COUNTERS, COUNTER_BYTES);
}

/** Keeps everything since the snapshot, which is over then. */
export function popSnapshot(): void {
  if (!snapshotLive) fault(FAULT_SNAPSHOT);
  endSticky();
}
