/**
 * Rows in the order of their keys, with cheap insertion at any size.
 *
 * Owns a list of sorted chunks of row numbers. Does not own keys: it reads them in the caller's
 * column. A chunk holds up to 512 rows with the first four bytes of each key beside it, so that most
 * steps of a search touch no key; keys that share those bytes on purpose cost a comparison more.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import { KEY_BYTES } from "./leaf.ts";

/** Row numbers in ascending order of key. */
export interface KeyOrder {
  /** The row with the greatest key that is at most `key`; -1 when there is none. */
  findAtOrBefore(key: Uint8Array): number;
  /** The row just before the one that has exactly `key`; -1 when that one is the first. */
  findBefore(key: Uint8Array): number;
  /** Puts `row` in its place; its key must be new. */
  insert(key: Uint8Array, row: number): void;
  /** Takes out the row that has exactly `key`. */
  remove(key: Uint8Array): void;
  /**
   * Replaces everything by rows 0 to `count - 1`, and gives them in order.
   *
   * Two rows with one key stand beside each other in the answer; the caller refuses them.
   */
  sort(count: number): Uint32Array;
}

interface Chunk {
  readonly rows: Uint32Array;
  /** First four bytes of the key of each row, as a big-endian integer. */
  readonly prefixes: Uint32Array;
  size: number;
}

const CHUNK_ROWS = 512;
/** Chunks of a fresh sort leave room, or the first insertions would split every one of them. */
const SORTED_CHUNK_ROWS = 384;
const PREFIX_BYTES = 4;

/** An empty order over the keys that `keyColumn` returns: 32 bytes for each row. */
export function createKeyOrder(keyColumn: () => Uint8Array): KeyOrder {
  let chunks: Chunk[] = [createChunk()];

  const compareAt = (chunk: Chunk, at: number, key: Uint8Array, prefix: number): number => {
    const difference = (chunk.prefixes[at] ?? 0) - prefix;
    if (difference !== 0) return difference;
    const keys = keyColumn();
    const start = (chunk.rows[at] ?? 0) * KEY_BYTES;
    for (let byte = PREFIX_BYTES; byte < KEY_BYTES; byte++) {
      const differs = (keys[start + byte] ?? 0) - (key[byte] ?? 0);
      if (differs !== 0) return differs;
    }
    return 0;
  };

  /** The last chunk that starts at or before the key, or the first one. */
  const findChunk = (key: Uint8Array, prefix: number): number => {
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareAt(chunkAt(chunks, middle), 0, key, prefix) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  /** How many rows of the chunk are at or before the key. */
  const countAtOrBefore = (chunk: Chunk, key: Uint8Array, prefix: number): number => {
    let low = 0;
    let high = chunk.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareAt(chunk, middle, key, prefix) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  const findExact = (key: Uint8Array): { chunkAt: number; at: number } => {
    const prefix = keyPrefix(key, 0);
    const chunkIndex = findChunk(key, prefix);
    const chunk = chunkAt(chunks, chunkIndex);
    const at = countAtOrBefore(chunk, key, prefix) - 1;
    assert(at >= 0 && compareAt(chunk, at, key, prefix) === 0, "the key is in the order");
    return { chunkAt: chunkIndex, at };
  };

  return {
    findAtOrBefore: (key) => {
      const prefix = keyPrefix(key, 0);
      const chunk = chunkAt(chunks, findChunk(key, prefix));
      const count = countAtOrBefore(chunk, key, prefix);
      return count === 0 ? -1 : chunk.rows[count - 1] ?? -1;
    },
    findBefore: (key) => {
      const { chunkAt: chunkIndex, at } = findExact(key);
      if (at > 0) return chunkAt(chunks, chunkIndex).rows[at - 1] ?? -1;
      if (chunkIndex === 0) return -1;
      const before = chunkAt(chunks, chunkIndex - 1);
      return before.rows[before.size - 1] ?? -1;
    },
    insert: (key, row) => {
      const prefix = keyPrefix(key, 0);
      let chunkIndex = findChunk(key, prefix);
      let chunk = chunkAt(chunks, chunkIndex);
      let at = countAtOrBefore(chunk, key, prefix);
      assert(at === 0 || compareAt(chunk, at - 1, key, prefix) !== 0, "a key has one row");
      if (chunk.size === CHUNK_ROWS) {
        chunks.splice(chunkIndex + 1, 0, splitChunk(chunk));
        if (at > chunk.size) {
          at -= chunk.size;
          chunkIndex++;
          chunk = chunkAt(chunks, chunkIndex);
        }
      }
      chunk.rows.copyWithin(at + 1, at, chunk.size);
      chunk.prefixes.copyWithin(at + 1, at, chunk.size);
      chunk.rows[at] = row;
      chunk.prefixes[at] = prefix;
      chunk.size++;
    },
    remove: (key) => {
      const { chunkAt: chunkIndex, at } = findExact(key);
      const chunk = chunkAt(chunks, chunkIndex);
      chunk.rows.copyWithin(at, at + 1, chunk.size);
      chunk.prefixes.copyWithin(at, at + 1, chunk.size);
      chunk.size--;
      if (chunk.size === 0 && chunks.length > 1) chunks.splice(chunkIndex, 1);
    },
    sort: (count) => {
      const rows = sortRows(keyColumn(), count);
      chunks = chunkRows(keyColumn(), rows);
      return rows;
    },
  };
}

/** The row numbers 0 to `count - 1` in ascending order of key. */
function sortRows(keys: Uint8Array, count: number): Uint32Array {
  // Sorting prefix and row as one integer needs no comparison function; ties are settled after.
  const composites = new BigUint64Array(count);
  const halves = new DataView(composites.buffer);
  for (let row = 0; row < count; row++) {
    halves.setUint32(8 * row, row, true);
    halves.setUint32(8 * row + 4, keyPrefix(keys, row * KEY_BYTES), true);
  }
  composites.sort();
  const rows = new Uint32Array(count);
  for (let at = 0; at < count; at++) rows[at] = halves.getUint32(8 * at, true);
  let first = 0;
  for (let at = 1; at <= count; at++) {
    const prefix = halves.getUint32(8 * first + 4, true);
    if (at < count && halves.getUint32(8 * at + 4, true) === prefix) continue;
    if (at - first > 1) {
      rows.subarray(first, at).sort((left, right) => compareRows(keys, left, right));
    }
    first = at;
  }
  return rows;
}

function chunkRows(keys: Uint8Array, rows: Uint32Array): Chunk[] {
  const chunks: Chunk[] = [];
  for (let first = 0; first < rows.length; first += SORTED_CHUNK_ROWS) {
    const chunk = createChunk();
    chunk.size = Math.min(SORTED_CHUNK_ROWS, rows.length - first);
    chunk.rows.set(rows.subarray(first, first + chunk.size));
    for (let at = 0; at < chunk.size; at++) {
      chunk.prefixes[at] = keyPrefix(keys, (chunk.rows[at] ?? 0) * KEY_BYTES);
    }
    chunks.push(chunk);
  }
  return chunks.length === 0 ? [createChunk()] : chunks;
}

function createChunk(): Chunk {
  return { rows: new Uint32Array(CHUNK_ROWS), prefixes: new Uint32Array(CHUNK_ROWS), size: 0 };
}

/** Moves the upper half of a full chunk to a new one. */
function splitChunk(chunk: Chunk): Chunk {
  const upper = createChunk();
  const half = chunk.size >>> 1;
  upper.rows.set(chunk.rows.subarray(half, chunk.size));
  upper.prefixes.set(chunk.prefixes.subarray(half, chunk.size));
  upper.size = chunk.size - half;
  chunk.size = half;
  return upper;
}

function chunkAt(chunks: readonly Chunk[], index: number): Chunk {
  const chunk = chunks[index];
  assert(chunk !== undefined, "a search stays among the chunks");
  return chunk;
}

function compareRows(keys: Uint8Array, left: number, right: number): number {
  for (let byte = 0; byte < KEY_BYTES; byte++) {
    const difference = (keys[left * KEY_BYTES + byte] ?? 0) - (keys[right * KEY_BYTES + byte] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function keyPrefix(keys: Uint8Array, start: number): number {
  const high = ((keys[start] ?? 0) << 8) | (keys[start + 1] ?? 0);
  const low = ((keys[start + 2] ?? 0) << 8) | (keys[start + 3] ?? 0);
  return ((high << 16) | low) >>> 0;
}
