/**
 * The state while a block runs: a cache over the storage port with an undo log.
 *
 * Owns reading each slot of the port at most once, checkpoints, transaction-start values and the
 * final diff. Knows accounts only as three slots of the uniform map. Does not own any EVM rule.
 * @module
 */
import { keccak256 } from "../../core/crypto/keccak.ts";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import {
  type Address,
  bigintToHash32,
  bytesToHash32,
  type Hash32,
  hash32ToBigint,
  hexToBytes,
  ZERO_HASH,
} from "../../core/primitives/hex.ts";
import {
  BALANCE_ADDRESS,
  CODE_HASH_ADDRESS,
  codeHashSlot,
  compareSlots,
  NONCE_ADDRESS,
  nonceSlot,
  type StateDiff,
} from "../../core/types/state.ts";
import type { StoragePort } from "../../core/vm/executor.ts";

/** The fields of an account; one with all of them zero does not exist (EIP-161). */
export interface AccountFields {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  /** `ZERO_HASH` for no code. */
  readonly codeHash: Hash32;
}

/** A value that is there, or the promise of one that has to be fetched. */
export type MaybePromise<Value> = Value | Promise<Value>;

/** What a block changed, and how much of the port it needed. */
export interface WorldChanges {
  /** Slots whose value differs from before the block, sorted. */
  readonly diffs: readonly StateDiff[];
  /** Codes that an account has now and that this block stored, by their keccak256. */
  readonly newCodes: ReadonlyMap<Hash32, Uint8Array>;
  /** Distinct slots that were read from the port. */
  readonly slotReadCount: number;
}

/** The mutable state of one block; see {@linkcode createWorldState}. */
export interface WorldState {
  account(address: Address): MaybePromise<AccountFields>;
  /** Writes all fields of an account. */
  setAccount(address: Address, fields: AccountFields): MaybePromise<void>;
  /** The code with this hash; none for `ZERO_HASH`. */
  code(codeHash: Hash32): MaybePromise<Uint8Array>;
  /** Stores `code` under its hash, which is returned; an account has to be pointed at it. */
  storeCode(code: Uint8Array): Hash32;
  /** A value of 32 bytes, or no bytes for zero. Not to be written to. */
  slot(address: Address, slot: Hash32): MaybePromise<Uint8Array>;
  /** The value that the slot had when the transaction began. */
  slotAtTxStart(address: Address, slot: Hash32): MaybePromise<Uint8Array>;
  setSlot(address: Address, slot: Hash32, value: Uint8Array): MaybePromise<void>;
  /** Zeroes every slot of `address` that this block has seen. */
  clearSeenSlots(address: Address): void;
  /** Makes the present values the ones of a transaction's start. */
  beginTransaction(): void;
  /** Marks a point to come back to. */
  checkpoint(): void;
  /** Forgets the last mark and keeps what was written since. */
  keep(): void;
  /** Goes back to the last mark. */
  undo(): void;
  /** How many marks are open. */
  depth(): number;
  /** What differs from before the block; no mark may be open. */
  changes(): WorldChanges;
}

interface AccountCell {
  readonly address: Address;
  /** Where nonce and balance are in their tables: the same slot in both, one hash to compute. */
  readonly tableSlot: Hash32;
  readonly original: AccountFields;
  current: AccountFields;
}

interface SlotCell {
  readonly original: Uint8Array;
  current: Uint8Array;
  /** The transaction in which `atTxStart` was noted. */
  txIndex: number;
  atTxStart: Uint8Array;
}

type UndoStep =
  | { readonly cell: AccountCell; readonly fields: AccountFields }
  | { readonly slotCell: SlotCell; readonly value: Uint8Array };

/** An untouched state over `storage`. */
export function createWorldState(storage: StoragePort): WorldState {
  const accounts = new Map<Address, AccountCell>();
  const slots = new Map<Address, Map<Hash32, SlotCell>>();
  const storedCodes = new Map<Hash32, Uint8Array>();
  const fetchedCodes = new Map<Hash32, Uint8Array>();
  const undoSteps: UndoStep[] = [];
  const marks: number[] = [];
  let txIndex = 0;

  const loadAccount = (address: Address): MaybePromise<AccountCell> => {
    const known = accounts.get(address);
    if (known !== undefined) return known;
    const keep = (nonce: Hash32, balance: Hash32, codeHash: Hash32): AccountCell => {
      const fields = {
        nonce: hash32ToBigint(nonce),
        balanceWei: hash32ToBigint(balance),
        codeHash,
      };
      const cell = { address, tableSlot, original: fields, current: fields };
      accounts.set(address, cell);
      return cell;
    };
    const tableSlot = nonceSlot(address).slot;
    const nonce = storage.readSlot(NONCE_ADDRESS, tableSlot);
    const balance = storage.readSlot(BALANCE_ADDRESS, tableSlot);
    const codeHash = storage.readSlot(CODE_HASH_ADDRESS, codeHashSlot(address).slot);
    if (
      typeof nonce === "string" && typeof balance === "string" && typeof codeHash === "string"
    ) return keep(nonce, balance, codeHash);
    return Promise.all([nonce, balance, codeHash]).then((values) => keep(...values));
  };

  const loadSlot = (address: Address, slot: Hash32): MaybePromise<SlotCell> => {
    let ofAddress = slots.get(address);
    if (ofAddress === undefined) slots.set(address, ofAddress = new Map());
    const cells = ofAddress;
    const known = cells.get(slot);
    if (known !== undefined) return known;
    const keep = (value: Hash32): SlotCell => {
      const bytes = value === ZERO_HASH ? EMPTY_BYTES : hexToBytes(value);
      const cell = { original: bytes, current: bytes, txIndex: 0, atTxStart: bytes };
      cells.set(slot, cell);
      return cell;
    };
    const value = storage.readSlot(address, slot);
    return typeof value === "string" ? keep(value) : value.then(keep);
  };

  const writeAccount = (cell: AccountCell, fields: AccountFields): void => {
    undoSteps.push({ cell, fields: cell.current });
    cell.current = fields;
  };

  const writeSlot = (slotCell: SlotCell, value: Uint8Array): void => {
    if (slotCell.txIndex !== txIndex) {
      slotCell.txIndex = txIndex;
      slotCell.atTxStart = slotCell.current;
    }
    undoSteps.push({ slotCell, value: slotCell.current });
    slotCell.current = value;
  };

  return {
    account: (address) => map(loadAccount(address), (cell) => cell.current),
    setAccount: (address, fields) =>
      map(loadAccount(address), (cell) => writeAccount(cell, fields)),
    code: (codeHash) => {
      if (codeHash === ZERO_HASH) return EMPTY_BYTES;
      const known = storedCodes.get(codeHash) ?? fetchedCodes.get(codeHash);
      if (known !== undefined) return known;
      return map(storage.readCode(codeHash), (code) => {
        fetchedCodes.set(codeHash, code);
        return code;
      });
    },
    storeCode: (code) => {
      if (code.length === 0) return ZERO_HASH;
      const codeHash = keccak256(code);
      storedCodes.set(codeHash, code);
      return codeHash;
    },
    slot: (address, slot) => map(loadSlot(address, slot), (cell) => cell.current),
    slotAtTxStart: (address, slot) =>
      map(
        loadSlot(address, slot),
        (cell) => cell.txIndex === txIndex ? cell.atTxStart : cell.current,
      ),
    setSlot: (address, slot, value) =>
      map(loadSlot(address, slot), (cell) => writeSlot(cell, normalizeValue(value))),
    clearSeenSlots: (address) => {
      for (const cell of slots.get(address)?.values() ?? []) {
        if (cell.current.length > 0) writeSlot(cell, EMPTY_BYTES);
      }
    },
    beginTransaction: () => {
      assert(marks.length === 0, "a transaction starts where no checkpoint is open");
      undoSteps.length = 0;
      txIndex++;
    },
    checkpoint: () => {
      marks.push(undoSteps.length);
    },
    keep: () => {
      assert(marks.pop() !== undefined, "a checkpoint is open when it is kept");
    },
    undo: () => {
      const mark = marks.pop();
      assert(mark !== undefined, "a checkpoint is open when it is undone");
      while (undoSteps.length > mark) undoStep(undoSteps.pop());
    },
    depth: () => marks.length,
    changes: () => {
      assert(marks.length === 0, "a block ends where no checkpoint is open");
      return collectChanges(accounts, slots, storedCodes);
    },
  };
}

function undoStep(step: UndoStep | undefined): void {
  assert(step !== undefined, "the undo log is as long as its marks say");
  if ("cell" in step) step.cell.current = step.fields;
  else step.slotCell.current = step.value;
}

/** Zero is no bytes, everything else 32: equal values are then equal byte strings. */
function normalizeValue(value: Uint8Array): Uint8Array {
  assert(value.length <= 32, "a slot holds at most 32 bytes");
  if (value.every((byte) => byte === 0)) return EMPTY_BYTES;
  const padded = new Uint8Array(32);
  padded.set(value, 32 - value.length);
  return padded;
}

function collectChanges(
  accounts: ReadonlyMap<Address, AccountCell>,
  slots: ReadonlyMap<Address, ReadonlyMap<Hash32, SlotCell>>,
  storedCodes: ReadonlyMap<Hash32, Uint8Array>,
): WorldChanges {
  const diffs: StateDiff[] = [];
  const newCodes = new Map<Hash32, Uint8Array>();
  let slotReadCount = 3 * accounts.size;
  for (const cell of accounts.values()) {
    const { original, current } = cell;
    if (current === original) continue;
    diffs.push(...accountDiffs(cell));
    const code = storedCodes.get(current.codeHash);
    if (code !== undefined && current.codeHash !== original.codeHash) {
      newCodes.set(current.codeHash, code);
    }
  }
  for (const [address, cells] of slots) {
    slotReadCount += cells.size;
    for (const [slot, cell] of cells) {
      const oldValue = valueToHash32(cell.original);
      const newValue = valueToHash32(cell.current);
      if (oldValue !== newValue) diffs.push({ address, slot, oldValue, newValue });
    }
  }
  return { diffs: diffs.sort(compareSlots), newCodes, slotReadCount };
}

function accountDiffs({ address, tableSlot, original, current }: AccountCell): StateDiff[] {
  const diffs: StateDiff[] = [];
  if (current.nonce !== original.nonce) {
    diffs.push({
      address: NONCE_ADDRESS,
      slot: tableSlot,
      oldValue: bigintToHash32(original.nonce),
      newValue: bigintToHash32(current.nonce),
    });
  }
  if (current.balanceWei !== original.balanceWei) {
    diffs.push({
      address: BALANCE_ADDRESS,
      slot: tableSlot,
      oldValue: bigintToHash32(original.balanceWei),
      newValue: bigintToHash32(current.balanceWei),
    });
  }
  if (current.codeHash !== original.codeHash) {
    diffs.push({
      ...codeHashSlot(address),
      oldValue: original.codeHash,
      newValue: current.codeHash,
    });
  }
  return diffs;
}

function valueToHash32(value: Uint8Array): Hash32 {
  return value.length === 0 ? ZERO_HASH : bytesToHash32(value);
}

/** `then` without a trip through the event loop when the value is already there. */
function map<From, To>(value: MaybePromise<From>, change: (value: From) => To): MaybePromise<To> {
  return value instanceof Promise ? value.then(change) : change(value);
}
