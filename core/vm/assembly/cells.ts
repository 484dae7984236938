/**
 * Cells: what the program knows of accounts and slots in a run, at addresses that stay.
 *
 * Owns their layout, the hash tables that find them and the reads of the storage port that fill
 * them. A cell keeps its run-start value: it stays right whatever is rolled back. Does not own
 * writes, journal or accounting.
 */
import { storageRead } from "./host";
import { keccak256 } from "./keccak";
import {
  CELLS_BASE,
  CELLS_END,
  COUNTER_KECCAK_F,
  FAULT_CELLS_FULL,
  SLOT_TABLE_SEED,
} from "./layout";
import { counterPtr, fault, getNumber } from "./memory";
import { loadBE, storeBE } from "./words";

// An account cell. Words are LE unless said.
/** Word; first, so that a cell is also a pointer to its address. */
export const ACCOUNT_ADDRESS: usize = 0;
/** Word: wei. */
export const ACCOUNT_BALANCE: usize = 32;
/** 32 BE bytes: keccak256 of the code; zero for no code. */
export const ACCOUNT_CODE_HASH: usize = 64;
/** Word: wei when the run began. */
export const ACCOUNT_START_BALANCE: usize = 96;
/** 32 BE bytes. */
export const ACCOUNT_START_CODE_HASH: usize = 128;
/** 32 BE bytes: slot of balance and nonce in their tables. */
export const ACCOUNT_TABLE_SLOT: usize = 160;
/** u64. */
export const ACCOUNT_NONCE: usize = 192;
/** u64. */
export const ACCOUNT_START_NONCE: usize = 200;
/** u32: accounting words (ACCOUNTING_…) of the three fields as slots. */
export const ACCOUNT_BALANCE_ACCOUNTING: usize = 208;
export const ACCOUNT_NONCE_ACCOUNTING: usize = 212;
export const ACCOUNT_CODE_ACCOUNTING: usize = 216;
/** u32: transaction in which it was warmed, created, scheduled to be destroyed. */
export const ACCOUNT_WARM_TX: usize = 220;
export const ACCOUNT_CREATED_TX: usize = 224;
export const ACCOUNT_DESTROY_TX: usize = 228;
/** u32: the account that was scheduled before it. */
export const ACCOUNT_DESTROY_NEXT: usize = 232;
/** u32: CodeEntry; 0 = not looked up. */
export const ACCOUNT_CODE_ENTRY: usize = 236;
/** u32: the account that became known before it. */
export const ACCOUNT_NEXT: usize = 240;
/** u32: its slot that became known last. */
export const ACCOUNT_SLOTS: usize = 244;
/** u32: 1 when touched in this run (EIP-161). */
export const ACCOUNT_TOUCHED: usize = 248;
/** u32: 1 when its fields were read. */
export const ACCOUNT_LOADED: usize = 252;
export const ACCOUNT_BYTES: usize = 256;

// A slot cell.
/** Word. */
export const SLOT_KEY: usize = 0;
/** Word: present value. */
export const SLOT_VALUE: usize = 32;
/** Word: value when the run began. */
export const SLOT_START: usize = 64;
/** u32: account cell. */
export const SLOT_ACCOUNT: usize = 96;
/** u32: accounting word. */
export const SLOT_ACCOUNTING: usize = 100;
/** u32: transaction in which it was warmed. */
export const SLOT_WARM_TX: usize = 104;
/** u32: transaction in which it was written; SLOT_ORIGINAL counts only in that one. */
export const SLOT_WRITTEN_TX: usize = 108;
/** u32: where the value at the transaction's start is, in the undo log. */
export const SLOT_ORIGINAL: usize = 112;
/** u32: the slot of the account that became known before it. */
export const SLOT_NEXT: usize = 116;
/** u32: its last note in the journal; counts only when written in this transaction. */
export const SLOT_LAST_NOTE: usize = 120;
export const SLOT_BYTES: usize = 128;

// The system accounts whose slots are the fields of all accounts, as BE words.
export const CODE_HASH_ACCOUNT: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x02,
], 16);
export const NONCE_ACCOUNT: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x03,
], 16);
export const BALANCE_ACCOUNT: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x0a,
], 16);

const FIRST_ACCOUNT_CAPACITY: u32 = 1024;
const FIRST_SLOT_CAPACITY: u32 = 4096;
const ACCOUNT_TABLE_BASE: usize = CELLS_BASE;
const SLOT_TABLE_BASE: usize = ACCOUNT_TABLE_BASE + 4 * FIRST_ACCOUNT_CAPACITY;
const FIRST_CELL: usize = SLOT_TABLE_BASE + 4 * FIRST_SLOT_CAPACITY;

/** Two BE words for the imports. They may suspend the program; nothing else runs meanwhile. */
const ACCOUNT_BE: usize = memory.data(32, 16);
const SLOT_BE: usize = memory.data(32, 16);
const READ_OUT: usize = memory.data(32, 16);
const TABLE_SLOT_INPUT: usize = memory.data(64, 16);

let cellTop: usize = FIRST_CELL;
/** Where the transient store begins, which grows towards the cells. */
let cellLimit: usize = CELLS_END;

let accountTable: usize = ACCOUNT_TABLE_BASE;
let accountCapacity: u32 = FIRST_ACCOUNT_CAPACITY;
let accountCount: u32 = 0;
let slotTable: usize = SLOT_TABLE_BASE;
let slotCapacity: u32 = FIRST_SLOT_CAPACITY;
let slotCount: u32 = 0;

/** The account that became known last; the others hang on it by ACCOUNT_NEXT. */
let accountsHead: usize = 0;

/** What was asked for last is asked for again most often: then no hash is made. */
let lastAccount: usize = 0;
/** Slots that were found last, by a few bits of the key: loops come back to a handful. */
const RECENT_BYTES: usize = 64;
const RECENT_SLOTS: usize = memory.data(64, 16);

let hashKey0: u64 = 0;
let hashKey1: u64 = 0;
let hashKey2: u64 = 0;
let hashKey3: u64 = 0;
let hashKey4: u64 = 0;

/** Forgets all cells. Costs the same whatever there was. */
export function resetCells(): void {
  memory.fill(ACCOUNT_TABLE_BASE, 0, FIRST_CELL - ACCOUNT_TABLE_BASE);
  cellTop = FIRST_CELL;
  accountTable = ACCOUNT_TABLE_BASE;
  accountCapacity = FIRST_ACCOUNT_CAPACITY;
  accountCount = 0;
  slotTable = SLOT_TABLE_BASE;
  slotCapacity = FIRST_SLOT_CAPACITY;
  slotCount = 0;
  accountsHead = 0;
  lastAccount = 0;
  memory.fill(RECENT_SLOTS, 0, RECENT_BYTES);
  const seed = getNumber(SLOT_TABLE_SEED);
  hashKey0 = mixSeed(seed + 1);
  hashKey1 = mixSeed(seed + 2);
  hashKey2 = mixSeed(seed + 3);
  hashKey3 = mixSeed(seed + 4);
  hashKey4 = mixSeed(seed + 5);
}

/** How far cells reach up, and how far the transient store may reach down. */
export function cellsEnd(): usize {
  return cellTop;
}

/** Moves the border to the transient store. */
export function setCellLimit(limit: usize): void {
  if (limit < cellTop) fault(FAULT_CELLS_FULL);
  cellLimit = limit;
}

export function firstAccount(): usize {
  return accountsHead;
}
@inline
export function sameWord(a: usize, b: usize): bool {
  return ((load<u64>(a) ^ load<u64>(b)) | (load<u64>(a, 8) ^ load<u64>(b, 8)) |
    (load<u64>(a, 16) ^ load<u64>(b, 16)) | (load<u64>(a, 24) ^ load<u64>(b, 24))) == 0;
}
@inline
export function copyWord(out: usize, source: usize): void {
  v128.store(out, v128.load(source));
  v128.store(out, v128.load(source, 16), 16);
}
@inline
export function zeroWord(out: usize): void {
  v128.store(out, i64x2.splat(0));
  v128.store(out, i64x2.splat(0), 16);
}
@inline
export function isZeroWord(a: usize): bool {
  return (load<u64>(a) | load<u64>(a, 8) | load<u64>(a, 16) | load<u64>(a, 24)) == 0;
}

/** The cell of the account at `address` (LE word); nonce, balance and code hash may be unread. */
export function bareAccount(address: usize): usize {
  if (lastAccount != 0 && sameWord(lastAccount, address)) return lastAccount;
  const mask = accountCapacity - 1;
  let index = hashAddress(address) & mask;
  let cell: usize = load<u32>(accountTable + (index << 2));
  while (cell != 0) {
    if (sameWord(cell, address)) {
      lastAccount = cell;
      return cell;
    }
    index = (index + 1) & mask;
    cell = load<u32>(accountTable + (index << 2));
  }
  cell = allocate(ACCOUNT_BYTES);
  memory.fill(cell, 0, ACCOUNT_BYTES);
  copyWord(cell, address);
  store<u32>(cell, <u32> accountsHead, ACCOUNT_NEXT);
  accountsHead = cell;
  store<u32>(accountTable + (index << 2), <u32> cell);
  if (++accountCount > accountCapacity >>> 1) growAccounts();
  lastAccount = cell;
  return cell;
}

/** The cell of the account at `address` (LE word), with its fields. */
export function account(address: usize): usize {
  const cell = bareAccount(address);
  if (load<u32>(cell, ACCOUNT_LOADED) == 0) loadAccount(cell);
  return cell;
}

/** The cell of slot `key` (LE word) of an account. */
export function slot(accountCell: usize, key: usize): usize {
  const recent = RECENT_SLOTS + (<usize> (load<u32>(key) ^ (<u32> accountCell >>> 8)) & 15) * 4;
  const found: usize = load<u32>(recent);
  if (found != 0 && load<u32>(found, SLOT_ACCOUNT) == <u32> accountCell && sameWord(found, key)) {
    return found;
  }
  const cell = findSlot(accountCell, key);
  store<u32>(recent, <u32> cell);
  return cell;
}

function findSlot(accountCell: usize, key: usize): usize {
  let index = hashSlot(<u32> accountCell, key) & (slotCapacity - 1);
  let cell: usize = load<u32>(slotTable + (index << 2));
  while (cell != 0) {
    if (load<u32>(cell, SLOT_ACCOUNT) == <u32> accountCell && sameWord(cell, key)) {
      return cell;
    }
    index = (index + 1) & (slotCapacity - 1);
    cell = load<u32>(slotTable + (index << 2));
  }
  return newSlot(accountCell, key, index);
}

/** Where the accounting's imports find the slot of a cell: BE words of its account and its key. */
export function describeAccount(accountCell: usize): usize {
  storeBE(ACCOUNT_BE, accountCell);
  return ACCOUNT_BE;
}

export function describeSlot(key: usize): usize {
  storeBE(SLOT_BE, key);
  return SLOT_BE;
}

function newSlot(accountCell: usize, key: usize, index: u32): usize {
  readStart(describeAccount(accountCell), describeSlot(key));
  const cell = allocate(SLOT_BYTES);
  copyWord(cell, key);
  loadBE(cell + SLOT_VALUE, READ_OUT);
  copyWord(cell + SLOT_START, cell + SLOT_VALUE);
  zeroWord(cell + SLOT_ACCOUNT);
  store<u32>(cell, <u32> accountCell, SLOT_ACCOUNT);
  store<u32>(cell, load<u32>(accountCell, ACCOUNT_SLOTS), SLOT_NEXT);
  store<u32>(accountCell, <u32> cell, ACCOUNT_SLOTS);
  store<u32>(slotTable + (index << 2), <u32> cell);
  if (++slotCount > slotCapacity >>> 1) growSlots();
  return cell;
}

function loadAccount(cell: usize): void {
  const tableSlot = cell + ACCOUNT_TABLE_SLOT;
  storeBE(TABLE_SLOT_INPUT, cell);
  // Which cells are there already differs between an operator that excluded transactions and a
  // prover; the counter must not.
  const counter = counterPtr(COUNTER_KECCAK_F);
  const permutations = load<u64>(counter);
  keccak256(tableSlot, TABLE_SLOT_INPUT, 64);
  store<u64>(counter, permutations);

  readStart(NONCE_ACCOUNT, tableSlot);
  const nonce = bswap(load<u64>(READ_OUT, 24));
  store<u64>(cell, nonce, ACCOUNT_NONCE);
  store<u64>(cell, nonce, ACCOUNT_START_NONCE);
  readStart(BALANCE_ACCOUNT, tableSlot);
  loadBE(cell + ACCOUNT_BALANCE, READ_OUT);
  copyWord(cell + ACCOUNT_START_BALANCE, cell + ACCOUNT_BALANCE);
  readStart(CODE_HASH_ACCOUNT, describeSlot(cell));
  copyWord(cell + ACCOUNT_CODE_HASH, READ_OUT);
  copyWord(cell + ACCOUNT_START_CODE_HASH, READ_OUT);
  store<u32>(cell, 1, ACCOUNT_LOADED);
}

/** Run-start value into READ_OUT; zero for what was never written. */
function readStart(accountBE: usize, slotBE: usize): void {
  zeroWord(READ_OUT);
  storageRead(accountBE, slotBE, READ_OUT);
}

function allocate(bytes: usize): usize {
  const cell = cellTop;
  if (bytes > cellLimit - cell) fault(FAULT_CELLS_FULL);
  cellTop = cell + bytes;
  return cell;
}

function growAccounts(): void {
  const old = accountTable;
  const end = old + (accountCapacity << 2);
  accountCapacity <<= 1;
  accountTable = allocate(accountCapacity << 2);
  memory.fill(accountTable, 0, accountCapacity << 2);
  for (let entry = old; entry < end; entry += 4) {
    const cell: usize = load<u32>(entry);
    if (cell != 0) insert(accountTable, accountCapacity - 1, hashAddress(cell), cell);
  }
}

function growSlots(): void {
  const old = slotTable;
  const end = old + (slotCapacity << 2);
  slotCapacity <<= 1;
  slotTable = allocate(slotCapacity << 2);
  memory.fill(slotTable, 0, slotCapacity << 2);
  for (let entry = old; entry < end; entry += 4) {
    const cell: usize = load<u32>(entry);
    if (cell == 0) continue;
    insert(slotTable, slotCapacity - 1, hashSlot(load<u32>(cell, SLOT_ACCOUNT), cell), cell);
  }
}

/** Puts a cell that is not there yet into the first free entry of its chain. */
export function insert(table: usize, mask: u32, hash: u32, cell: usize): void {
  let index = hash & mask;
  while (load<u32>(table + (index << 2)) != 0) index = (index + 1) & mask;
  store<u32>(table + (index << 2), <u32> cell);
}

function mixSeed(value: u64): u64 {
  let mixed = value * 0x9e3779b97f4a7c15;
  mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9;
  mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111eb;
  return mixed ^ (mixed >>> 31);
}

/**
 * One term of an NH hash: for secret keys two inputs collide with probability 2^-32, whatever an
 * author of contracts chooses; a fixed hash would let one slot access cost thousands of probes.
 */
@inline
function hashTerm(limb: u64, key: u64): u64 {
  return <u64> (<u32> limb + <u32> key) * <u64> (<u32> (limb >>> 32) + <u32> (key >>> 32));
}
@inline
function finishHash(sum: u64): u32 {
  const mixed = (sum ^ (sum >>> 32)) * 0x9e3779b97f4a7c15;
  return <u32> (mixed >>> 32) ^ <u32> (mixed >>> 57);
}
@inline
export function hashSlot(accountCell: u32, key: usize): u32 {
  return finishHash(
    hashTerm(load<u64>(key), hashKey0) + hashTerm(load<u64>(key, 8), hashKey1) +
      hashTerm(load<u64>(key, 16), hashKey2) + hashTerm(load<u64>(key, 24), hashKey3) +
      hashTerm(<u64> accountCell * 0x9e3779b97f4a7c15, hashKey4),
  );
}
@inline
function hashAddress(address: usize): u32 {
  return finishHash(
    hashTerm(load<u64>(address), hashKey0) + hashTerm(load<u64>(address, 8), hashKey1) +
      hashTerm(load<u64>(address, 16), hashKey2),
  );
}
