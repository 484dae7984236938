/**
 * A file beside the database that takes admitted transactions as they come.
 *
 * A commit of the database waits for the disk; appending to a file does not, and what was appended
 * survives the end of the process all the same, but not of the machine: after a loss of power some of
 * the last transactions may be gone, as they are from any node's pool. So the answer to a sent transaction waits for this file
 * alone, and rows follow many at a time (`pipeline/pool_rows.ts`). The file is emptied once rows or
 * blocks hold what it says. Does not own which records still count.
 * @module
 */
import { bytesToAddress, hexToBytes } from "../primitives/hex.ts";
import type { Address } from "../primitives/hex.ts";
import { crc32 } from "./checksum.ts";

/** What is kept of an admitted transaction. */
export interface PoolRecord {
  readonly arrival: bigint;
  readonly sender: Address;
  readonly raw: Uint8Array;
}

/** A log of admissions. */
export interface PoolLog extends Disposable {
  /** The record survives the process when this returns. */
  append(record: PoolRecord): void;
  /** Bytes of all records since the log was emptied. */
  sizeBytes(): number;
  /** Every whole record, in order; what a process has died on writing is not there. */
  read(): readonly PoolRecord[];
  /** Empties the log. */
  clear(): void;
}

/** Length of the rest and its CRC-32. */
const HEAD_BYTES = 8;
/** Arrival and sender. */
const FIXED_BYTES = 28;

/** Opens the log in the file `path`, which is made if it is not there. */
export function openPoolLog(path: string): PoolLog {
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  let sizeBytes = file.seekSync(0, Deno.SeekMode.End);
  return {
    append: (record) => {
      const bytes = encodeRecord(record);
      let written = 0;
      try {
        while (written < bytes.length) written += file.writeSync(bytes.subarray(written));
        sizeBytes += bytes.length;
      } catch (error) {
        // Half a record would hide those that follow it.
        file.truncateSync(sizeBytes);
        file.seekSync(sizeBytes, Deno.SeekMode.Start);
        throw error;
      }
    },
    sizeBytes: () => sizeBytes,
    read: () => {
      const bytes = new Uint8Array(sizeBytes);
      file.seekSync(0, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < sizeBytes) filled += file.readSync(bytes.subarray(filled)) ?? sizeBytes;
      file.seekSync(0, Deno.SeekMode.End);
      return decodeRecords(bytes);
    },
    clear: () => {
      file.truncateSync(0);
      file.seekSync(0, Deno.SeekMode.Start);
      sizeBytes = 0;
    },
    [Symbol.dispose]: () => file.close(),
  };
}

function encodeRecord({ arrival, sender, raw }: PoolRecord): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + FIXED_BYTES + raw.length);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(HEAD_BYTES, arrival);
  bytes.set(hexToBytes(sender), HEAD_BYTES + 8);
  bytes.set(raw, HEAD_BYTES + FIXED_BYTES);
  view.setUint32(0, FIXED_BYTES + raw.length);
  view.setUint32(4, crc32(bytes.subarray(HEAD_BYTES)));
  return bytes;
}

function decodeRecords(bytes: Uint8Array): PoolRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: PoolRecord[] = [];
  let at = 0;
  while (at + HEAD_BYTES + FIXED_BYTES <= bytes.length) {
    const end = at + HEAD_BYTES + view.getUint32(at);
    const body = bytes.subarray(at + HEAD_BYTES, end);
    if (end > bytes.length || body.length < FIXED_BYTES || crc32(body) !== view.getUint32(at + 4)) {
      break;
    }
    records.push({
      arrival: view.getBigInt64(at + HEAD_BYTES),
      sender: bytesToAddress(body.slice(8, FIXED_BYTES)),
      raw: body.slice(FIXED_BYTES),
    });
    at = end;
  }
  return records;
}
