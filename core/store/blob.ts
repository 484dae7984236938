/**
 * Byte strings larger than a KV value: content-addressed chunks first, the pointer with the row.
 *
 * Owns chunking and checking. A chunk that no row points to is harmless: writing it again after a
 * crash stores the same bytes under the same key. Does not own what the bytes mean.
 * @module
 */
import { keccak256, keccak256Bytes } from "../crypto/keccak.ts";
import { bigintToBytes, concatBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import { bytesToHash32 } from "../primitives/hex.ts";
import { type StoreErrorCode, type Table, valueTable } from "./table.ts";
import { createWriteSet, MAX_VALUE_BYTES, type WriteSet } from "./write_set.ts";

/** Chunks of large byte strings: [keccak256 of the whole, position] -> bytes. */
export const BLOB_CHUNKS: Table<[Uint8Array, bigint], Uint8Array> = valueTable(
  "blob_chunks",
  "A piece of a large byte string. Key: keccak256 of the whole, position from 0",
  "bytes",
  "content",
);

const CHUNK_BYTES = 60_000;
/** Four of them, which a block's row may have, fit a value with what else a row says. */
const INLINE_BYTES = 15_000;
const POINTER_SIZE_BYTES = 37;
const INLINE_MARK = Uint8Array.of(0);
const POINTER_MARK = Uint8Array.of(1);
/** Rows that a commit still takes when chunks have joined it: who points to them, and a checkpoint. */
const ROOM_LEFT = 4;

/**
 * Stores `bytes` if they are large, and gives the field that stands for them in a row: 0x00 and the
 * bytes themselves, or 0x01, their keccak256 and their length as four bytes. They join the commit of
 * `along` if that has room for them and a row, and have one of their own if not.
 */
export async function writeBlob(
  kv: Deno.Kv,
  bytes: Uint8Array,
  along?: WriteSet,
): Promise<Uint8Array> {
  if (bytes.length <= INLINE_BYTES) return concatBytes(INLINE_MARK, bytes);
  const hash = keccak256Bytes(bytes);
  const chunkCount = Math.ceil(bytes.length / CHUNK_BYTES);
  const isAlong = along?.hasRoomFor(chunkCount + ROOM_LEFT, MAX_VALUE_BYTES) === true;
  let writes = isAlong ? along : createWriteSet(kv);
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    if (!writes.hasRoomFor(1, MAX_VALUE_BYTES)) {
      await writes.commit();
      writes = createWriteSet(kv);
    }
    const chunk = bytes.slice(offset, offset + CHUNK_BYTES);
    writes.set(BLOB_CHUNKS, [hash, BigInt(offset / CHUNK_BYTES)], chunk);
  }
  if (!isAlong) await writes.commit();
  return concatBytes(POINTER_MARK, hash, bigintToBytes(BigInt(bytes.length), 4));
}

/**
 * The bytes that a field of {@linkcode writeBlob} stands for.
 *
 * @throws `STORE_BLOB_MISSING` when a chunk is gone, `STORE_BLOB_CORRUPT` when the hash differs.
 */
export async function readBlob(kv: Deno.Kv, field: Uint8Array): Promise<Uint8Array> {
  if (field[0] === 0) return field.subarray(1);
  if (field[0] !== 1 || field.length !== POINTER_SIZE_BYTES) {
    throw blobError("STORE_BLOB_CORRUPT", "its pointer has another shape", {});
  }
  const hash = field.slice(1, 33);
  const sizeBytes = new DataView(field.buffer, field.byteOffset).getUint32(33);
  const chunkCount = Math.ceil(sizeBytes / CHUNK_BYTES);
  const chunks: Uint8Array[] = [];
  for (let position = 0; position < chunkCount; position++) {
    const { value } = await kv.get<unknown>([BLOB_CHUNKS.name, hash, BigInt(position)]);
    if (!(value instanceof Uint8Array)) {
      throw blobError("STORE_BLOB_MISSING", `chunk ${position} of ${chunkCount} is missing`, {
        hash: bytesToHash32(hash),
        position,
        chunkCount,
      });
    }
    chunks.push(value);
  }
  const bytes = concatBytes(...chunks);
  if (bytes.length !== sizeBytes || keccak256(bytes) !== bytesToHash32(hash)) {
    throw blobError("STORE_BLOB_CORRUPT", "its bytes do not have the hash they are stored under", {
      hash: bytesToHash32(hash),
    });
  }
  return bytes;
}

/** Whether a stored field points to chunks, and to which hash: for `inspect-state`. */
export function blobHash(field: Uint8Array): string | undefined {
  return field[0] === 1 ? bytesToHash32(field.slice(1, 33)) : undefined;
}

function blobError(
  code: StoreErrorCode,
  reason: string,
  details: Record<string, unknown>,
): RollupError<StoreErrorCode> {
  return new RollupError(code, `Cannot read a stored byte string: ${reason}`, {
    details,
    mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
  });
}
