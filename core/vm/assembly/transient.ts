/**
 * Transient storage (EIP-1153): gone when a transaction ends.
 *
 * Owns its cells and their table, which grow down from CELLS_END and begin anew with each
 * transaction. Reverts go through the journal.
 */
import { isAccounting, pushPubdataCost } from "./accounting";
import {
  cellsEnd,
  copyWord,
  hashSlot,
  insert,
  sameWord,
  setCellLimit,
  zeroWord,
} from "./cells";
import { CELLS_END, FAULT_CELLS_FULL } from "./layout";
import { fault } from "./memory";
import { pushWord, TAG_TRANSIENT } from "./undo";

/** Word; first, as hashSlot and sameWord take the cell for it. */
const TRANSIENT_KEY: usize = 0;
/** Word. */
export const TRANSIENT_VALUE: usize = 32;
/** u32: account cell. */
const TRANSIENT_ACCOUNT: usize = 64;
const TRANSIENT_BYTES: usize = 80;

const FIRST_CAPACITY: u32 = 1024;
const FIRST_TABLE: usize = CELLS_END - 4 * FIRST_CAPACITY;

let bottom: usize = FIRST_TABLE;
let table: usize = FIRST_TABLE;
let capacity: u32 = FIRST_CAPACITY;
let transientCount: u32 = 0;
let lastCell: usize = 0;

/** At the start of a run, when what is in memory may be anything. */
export function resetTransient(): void {
  transientCount = 1;
  clearTransient();
}

/** Forgets all; costs nothing where nothing was written. */
export function clearTransient(): void {
  lastCell = 0;
  if (transientCount == 0) return;
  memory.fill(FIRST_TABLE, 0, FIRST_CAPACITY << 2);
  table = FIRST_TABLE;
  capacity = FIRST_CAPACITY;
  transientCount = 0;
  bottom = FIRST_TABLE;
  setCellLimit(bottom);
}

export function transientGet(out: usize, accountCell: usize, key: usize): void {
  if (isAccounting) pushPubdataCost(0);
  const cell = find(accountCell, key);
  if (cell == 0) zeroWord(out);
  else copyWord(out, cell + TRANSIENT_VALUE);
}

export function transientSet(accountCell: usize, key: usize, value: usize): void {
  if (isAccounting) pushPubdataCost(0);
  let cell = find(accountCell, key);
  if (cell == 0) cell = create(accountCell, key);
  pushWord(cell + TRANSIENT_VALUE, cell, TAG_TRANSIENT);
  copyWord(cell + TRANSIENT_VALUE, value);
}

function find(accountCell: usize, key: usize): usize {
  if (transientCount == 0) return 0;
  if (lastCell != 0 && isAt(lastCell, accountCell, key)) return lastCell;
  const mask = capacity - 1;
  let index = hashSlot(<u32> accountCell, key) & mask;
  let cell: usize = load<u32>(table + (index << 2));
  while (cell != 0) {
    if (isAt(cell, accountCell, key)) {
      lastCell = cell;
      return cell;
    }
    index = (index + 1) & mask;
    cell = load<u32>(table + (index << 2));
  }
  return 0;
}
@inline
function isAt(cell: usize, accountCell: usize, key: usize): bool {
  return load<u32>(cell, TRANSIENT_ACCOUNT) == <u32> accountCell && sameWord(cell, key);
}

function create(accountCell: usize, key: usize): usize {
  if (++transientCount > capacity >>> 1) grow();
  const cell = allocate(TRANSIENT_BYTES);
  copyWord(cell + TRANSIENT_KEY, key);
  zeroWord(cell + TRANSIENT_VALUE);
  store<u32>(cell, <u32> accountCell, TRANSIENT_ACCOUNT);
  insert(table, capacity - 1, hashSlot(<u32> accountCell, key), cell);
  lastCell = cell;
  return cell;
}

function grow(): void {
  const old = table;
  const end = old + (capacity << 2);
  capacity <<= 1;
  table = allocate(capacity << 2);
  memory.fill(table, 0, capacity << 2);
  for (let entry = old; entry < end; entry += 4) {
    const cell: usize = load<u32>(entry);
    if (cell == 0) continue;
    insert(table, capacity - 1, hashSlot(load<u32>(cell, TRANSIENT_ACCOUNT), cell), cell);
  }
}

function allocate(bytes: usize): usize {
  if (bytes > bottom - cellsEnd()) fault(FAULT_CELLS_FULL);
  bottom -= bytes;
  setCellLimit(bottom);
  return bottom;
}
