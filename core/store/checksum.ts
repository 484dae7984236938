/**
 * A checksum over a stored value, so that a damaged row is noticed where it is read.
 *
 * Owns the sum and the order in which a value's parts go into it. It finds accidents, not attacks:
 * who can write rows can write sums. Does not own where sums are kept (`table.ts`).
 * @module
 */

/** CRC-32 (ISO 3309, the polynomial of zip and PNG), one table entry a byte. */
const CRC_TABLE: Uint32Array = createCrcTable();
const ENCODER = new TextEncoder();

/** CRC-32 of `bytes`, going on from `sum`. */
export function crc32(bytes: Uint8Array, sum = 0): number {
  let state = ~sum;
  for (let index = 0; index < bytes.length; index++) {
    state = (CRC_TABLE[(state ^ (bytes[index] ?? 0)) & 0xff] ?? 0) ^ (state >>> 8);
  }
  return ~state >>> 0;
}

/**
 * The checksum of a row's value: a field of a table, or a record of such fields, in any order.
 * Fields that are `undefined` do not count, as a database may drop them.
 */
export function checksum(value: unknown): number {
  if (!isRecord(value)) return addPart(0, value);
  let sum = 0;
  for (const name of Object.keys(value).sort()) {
    if (value[name] !== undefined) sum = addPart(addPart(sum, name), value[name]);
  }
  return sum;
}

function addPart(sum: number, value: unknown): number {
  // Kind and length go in front, so that no two lists of parts run together to the same bytes.
  if (value instanceof Uint8Array) return crc32(value, asciiSum(`bytes:${value.length}:`, sum));
  const text = String(value);
  const kind = typeof value;
  if (isAscii(text)) return asciiSum(text, asciiSum(`${kind}:${text.length}:`, sum));
  const bytes = ENCODER.encode(text);
  return crc32(bytes, asciiSum(`${kind}:${bytes.length}:`, sum));
}

/** {@linkcode crc32} of text that {@linkcode isAscii}, without an array of its bytes. */
function asciiSum(text: string, sum: number): number {
  let state = ~sum;
  for (let index = 0; index < text.length; index++) {
    state = (CRC_TABLE[(state ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (state >>> 8);
  }
  return ~state >>> 0;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array);
}

function createCrcTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let state = byte;
    for (let bit = 0; bit < 8; bit++) {
      state = (state & 1) === 0 ? state >>> 1 : (state >>> 1) ^ 0xedb88320;
    }
    table[byte] = state;
  }
  return table;
}
