/**
 * Recursive-length prefix (Ethereum Yellow Paper, appendix B), canonical form only.
 *
 * Owns encoding and strict decoding. Does not own the meaning of any field.
 * @module
 */
import {
  allocateBytes,
  bigintToMinimalBytes,
  bytesToBigint,
  copyBytes,
  countToMinimalBytes,
} from "./bytes.ts";
import { RollupError } from "./errors.ts";

/** A byte string or a list of items. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Codes that this file throws. */
export type RlpErrorCode = "RLP_INVALID";

/** How deep lists may nest before decoding stops. */
const MAX_DEPTH = 16;

/** The canonical bytes of `item`. */
export function encodeRlp(item: RlpItem): Uint8Array {
  // Sizes first, so that everything is written once, into one array.
  const sizes: number[] = [];
  const encoded = allocateBytes(measure(item, sizes));
  writeItem(item, { encoded, sizes, offset: 0, next: 0 });
  return encoded;
}

/**
 * The one item that `bytes` hold.
 *
 * @throws `RLP_INVALID` when the bytes are not canonical, end early, nest too deep or go on after
 * the item.
 */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, next } = decodeAt(bytes, 0, 0);
  if (next !== bytes.length) throw invalidRlp(`${bytes.length - next} bytes follow the item`);
  return item;
}

/**
 * The item as a list of exactly `length` fields.
 *
 * @throws `RLP_INVALID` when it is not.
 */
export function rlpList(item: RlpItem | undefined, length?: number): readonly RlpItem[] {
  if (item === undefined || item instanceof Uint8Array) throw invalidRlp("expected a list");
  if (length !== undefined && item.length !== length) {
    throw invalidRlp(`expected a list of ${length} fields, got ${item.length}`);
  }
  return item;
}

/**
 * The item as bytes, of exactly `sizeBytes` when given.
 *
 * @throws `RLP_INVALID` when it is not.
 */
export function rlpBytes(item: RlpItem | undefined, sizeBytes?: number): Uint8Array {
  if (!(item instanceof Uint8Array)) throw invalidRlp("expected bytes");
  if (sizeBytes !== undefined && item.length !== sizeBytes) {
    throw invalidRlp(`expected ${sizeBytes} bytes, got ${item.length}`);
  }
  return item;
}

/**
 * The item as an unsigned integer of at most `maxBytes` bytes, without leading zeros.
 *
 * @throws `RLP_INVALID` when it is not.
 */
export function rlpUint(item: RlpItem | undefined, maxBytes = 32): bigint {
  const bytes = rlpBytes(item);
  if (bytes.length > maxBytes) throw invalidRlp(`integer is longer than ${maxBytes} bytes`);
  if (bytes[0] === 0) throw invalidRlp("integer has leading zeros");
  return bytesToBigint(bytes);
}

/** An unsigned integer as an RLP field. */
export function uintToRlp(value: bigint): Uint8Array {
  return bigintToMinimalBytes(value);
}

/** {@linkcode uintToRlp} of a double, which must be a whole number below 2^53. */
export function countToRlp(value: number): Uint8Array {
  return countToMinimalBytes(value);
}

/** Bytes that `item` takes; payload sizes of lists go to `sizes` in the order of writing. */
function measure(item: RlpItem, sizes: number[]): number {
  if (item instanceof Uint8Array) {
    return isOwnEncoding(item) ? 1 : prefixSizeBytes(item.length) + item.length;
  }
  const position = sizes.push(0) - 1;
  let sizeBytes = 0;
  for (const inner of item) sizeBytes += measure(inner, sizes);
  sizes[position] = sizeBytes;
  return prefixSizeBytes(sizeBytes) + sizeBytes;
}

interface RlpOutput {
  readonly encoded: Uint8Array;
  readonly sizes: readonly number[];
  /** Where the next byte goes. */
  offset: number;
  /** The list whose size is needed next. */
  next: number;
}

function writeItem(item: RlpItem, output: RlpOutput): void {
  if (!(item instanceof Uint8Array)) {
    writePrefix(output, output.sizes[output.next++] ?? 0, 0xc0);
    for (const inner of item) writeItem(inner, output);
    return;
  }
  if (!isOwnEncoding(item)) writePrefix(output, item.length, 0x80);
  output.encoded.set(item, output.offset);
  output.offset += item.length;
}

function writePrefix(output: RlpOutput, sizeBytes: number, base: number): void {
  const { encoded } = output;
  const lengthBytes = prefixSizeBytes(sizeBytes) - 1;
  encoded[output.offset++] = lengthBytes === 0 ? base + sizeBytes : base + 55 + lengthBytes;
  for (let place = lengthBytes - 1; place >= 0; place--) {
    encoded[output.offset++] = Math.floor(sizeBytes / 256 ** place) % 256;
  }
}

/** A single byte below 0x80 stands for itself. */
function isOwnEncoding(bytes: Uint8Array): boolean {
  return bytes.length === 1 && (bytes[0] ?? 0) < 0x80;
}

function prefixSizeBytes(sizeBytes: number): number {
  if (sizeBytes <= 55) return 1;
  let lengthBytes = 1;
  for (let rest = Math.floor(sizeBytes / 256); rest > 0; rest = Math.floor(rest / 256)) {
    lengthBytes++;
  }
  return 1 + lengthBytes;
}

function decodeAt(
  bytes: Uint8Array,
  offset: number,
  depth: number,
): { item: RlpItem; next: number } {
  if (depth > MAX_DEPTH) throw invalidRlp(`lists nest deeper than ${MAX_DEPTH}`);
  const prefix = bytes[offset];
  if (prefix === undefined) throw invalidRlp("bytes end where an item should start");
  if (prefix < 0x80) return { item: copyBytes(bytes, offset, offset + 1), next: offset + 1 };
  const isList = prefix >= 0xc0;
  const { start, end } = payloadRange(bytes, offset, prefix, isList ? 0xc0 : 0x80);
  if (!isList) {
    const item = copyBytes(bytes, start, end);
    if (item.length === 1 && (item[0] ?? 0) < 0x80) {
      throw invalidRlp("single byte is not in its short form");
    }
    return { item, next: end };
  }
  const items: RlpItem[] = [];
  let next = start;
  while (next < end) {
    const decoded = decodeAt(bytes, next, depth + 1);
    if (decoded.next > end) throw invalidRlp("item reaches past its list");
    items.push(decoded.item);
    next = decoded.next;
  }
  return { item: items, next: end };
}

function payloadRange(
  bytes: Uint8Array,
  offset: number,
  prefix: number,
  base: number,
): { start: number; end: number } {
  const short = prefix - base;
  let start = offset + 1;
  let sizeBytes = short;
  if (short > 55) {
    const sizeLength = short - 55;
    if (sizeLength > 6) throw invalidRlp("length field is too long");
    const field = bytes.subarray(start, start + sizeLength);
    if (field.length < sizeLength) throw invalidRlp("bytes end inside a length");
    if (field[0] === 0) throw invalidRlp("length has leading zeros");
    sizeBytes = Number(bytesToBigint(field));
    if (sizeBytes <= 55) throw invalidRlp("length is not in its short form");
    start += sizeLength;
  }
  if (start + sizeBytes > bytes.length) throw invalidRlp("bytes end inside an item");
  return { start, end: start + sizeBytes };
}

function invalidRlp(reason: string): RollupError<RlpErrorCode> {
  return new RollupError("RLP_INVALID", `Cannot decode bytes as canonical RLP: ${reason}`, {
    details: { reason },
    mend: "Check that the bytes are whole and encoded as the Yellow Paper, appendix B, says.",
  });
}
