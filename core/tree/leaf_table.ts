/**
 * Leaves in memory: columns that grow, and the order of their keys.
 *
 * Owns rows in order of arrival. A full tree keeps leaf `i` in row `i`; a partial tree knows some
 * leaves only and maps indices to rows itself. Does not own hashing or the linking rule.
 * @module
 */
import { copyBytes } from "../primitives/bytes.ts";
import { assert } from "../primitives/errors.ts";
import { createKeyOrder } from "./key_order.ts";
import { KEY_BYTES } from "./leaf.ts";
import type { LeafColumns } from "./tree_hash.ts";

/** Rows of (key, value, next index). */
export interface LeafTable {
  rowCount(): number;
  /** A copy of the key of `row`. */
  key(row: number): Uint8Array;
  /** A copy of the value of `row`. */
  value(row: number): Uint8Array;
  next(row: number): number;
  /** Negative, zero or positive as the key of `row` is before, at or after `key`. */
  compareKey(row: number, key: Uint8Array): number;
  setValue(row: number, value: Uint8Array): void;
  setNext(row: number, nextIndex: number): void;
  /** Adds a row with a new key, and gives its number. */
  push(key: Uint8Array, value: Uint8Array, nextIndex: number): number;
  /** Removes the last row. */
  pop(): void;
  /** The row with the greatest key that is at most `key`; -1 when there is none. */
  findAtOrBefore(key: Uint8Array): number;
  /** The row just before that of `key`, which must have one; -1 when there is none. */
  findBefore(key: Uint8Array): number;
  /** Copies `row` to row `at` of other columns. */
  copyRow(row: number, columns: LeafColumns, at: number): void;
  /** The columns themselves, to read only; good until the next change. */
  columns(): LeafColumns;
  /** Rows 0 to the last in ascending order of key, after an unordered {@linkcode LeafTable.append}. */
  sort(): Uint32Array;
  /** Adds a row without ordering it; {@linkcode LeafTable.sort} must follow before any search. */
  append(key: Uint8Array, value: Uint8Array): void;
}

const INITIAL_ROWS = 64;

/** A table without rows. */
export function createLeafTable(): LeafTable {
  let count = 0;
  let keys = new Uint8Array(INITIAL_ROWS * KEY_BYTES);
  let values = new Uint8Array(INITIAL_ROWS * KEY_BYTES);
  let nexts = new Uint32Array(INITIAL_ROWS);
  const order = createKeyOrder(() => keys);

  const appendRow = (key: Uint8Array, value: Uint8Array, nextIndex: number): number => {
    assert(key.length === KEY_BYTES && value.length === KEY_BYTES, "a row has 32-byte fields");
    if (count === nexts.length) {
      keys = grow(keys);
      values = grow(values);
      const grown = new Uint32Array(2 * nexts.length);
      grown.set(nexts);
      nexts = grown;
    }
    keys.set(key, count * KEY_BYTES);
    values.set(value, count * KEY_BYTES);
    nexts[count] = nextIndex;
    return count++;
  };

  return {
    rowCount: () => count,
    key: (row) => copyBytes(keys, row * KEY_BYTES, (row + 1) * KEY_BYTES),
    value: (row) => copyBytes(values, row * KEY_BYTES, (row + 1) * KEY_BYTES),
    next: (row) => nexts[row] ?? 0,
    compareKey: (row, key) => {
      const start = row * KEY_BYTES;
      for (let byte = 0; byte < KEY_BYTES; byte++) {
        const difference = (keys[start + byte] ?? 0) - (key[byte] ?? 0);
        if (difference !== 0) return difference;
      }
      return 0;
    },
    setValue: (row, value) => values.set(value, row * KEY_BYTES),
    setNext: (row, nextIndex) => {
      nexts[row] = nextIndex;
    },
    push: (key, value, nextIndex) => {
      const row = appendRow(key, value, nextIndex);
      order.insert(key, row);
      return row;
    },
    pop: () => {
      assert(count > 0, "only a row that is there is removed");
      order.remove(keys.subarray((count - 1) * KEY_BYTES, count * KEY_BYTES));
      count--;
    },
    findAtOrBefore: order.findAtOrBefore,
    findBefore: order.findBefore,
    copyRow: (row, columns, at) => {
      const start = row * KEY_BYTES;
      columns.keys.set(keys.subarray(start, start + KEY_BYTES), at * KEY_BYTES);
      columns.values.set(values.subarray(start, start + KEY_BYTES), at * KEY_BYTES);
      columns.nexts[at] = nexts[row] ?? 0;
    },
    columns: () => ({ keys, values, nexts }),
    sort: () => order.sort(count),
    append: (key, value) => {
      appendRow(key, value, 0);
    },
  };
}

function grow(column: Uint8Array): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(2 * column.length);
  grown.set(column);
  return grown;
}
