/**
 * Writes transactions into the program's memory.
 *
 * Owns the encoding of a {@linkcode TxFrame} (TX_… of the layout). Does not own its rules: every
 * value that fits its field is the program's to judge.
 * @module
 */
import { assert } from "../../primitives/errors.ts";
import { hexToBytes, ZERO_ADDRESS } from "../../primitives/hex.ts";
import * as layout from "../assembly/layout.ts";
import type { MemoryView } from "./memory_view.ts";
import type { TxFrame } from "./program.ts";

/** Bytes that one transaction may take in memory. */
export const MAX_FRAME_BYTES = layout.TX_REGION_END - layout.TX_REGION_BASE;

/** Writes `frame` as transaction 0, the only one, and says where it ends. */
export function writeTxFrame(memory: MemoryView, frame: TxFrame): void {
  const base = layout.TX_REGION_BASE;
  assert(sizeOf(frame) <= MAX_FRAME_BYTES, "a transaction fits the program's memory");
  let free = base + layout.TX_FRAME_BYTES;
  const allocate = (length: number): number => {
    const pointer = free;
    free += Math.ceil(length / layout.WORD_BYTES) * layout.WORD_BYTES;
    return pointer;
  };
  memory.setAccount(base + layout.TX_SENDER, frame.sender);
  memory.setAccount(base + layout.TX_TO, frame.to ?? ZERO_ADDRESS);
  memory.setWord(base + layout.TX_VALUE, frame.valueWei);
  memory.setWord(base + layout.TX_MAX_FEE, frame.maxFeePerGasWei);
  memory.setWord(base + layout.TX_MAX_PRIORITY_FEE, frame.maxPriorityFeePerGasWei);
  memory.setWord(base + layout.TX_MAX_BLOB_FEE, frame.maxFeePerBlobGasWei);
  memory.setWord(base + layout.TX_CHAIN_ID, frame.chainId ?? 0n);
  memory.setU64(base + layout.TX_GAS_LIMIT, frame.gasLimit);
  memory.setU64(base + layout.TX_NONCE, frame.nonce);
  memory.setU32(base + layout.TX_TYPE, frame.type);
  memory.setU32(base + layout.TX_FLAGS, flagsOf(frame));

  const data = allocate(frame.data.length);
  memory.write(data, frame.data);
  memory.setU32(base + layout.TX_DATA_PTR, data);
  memory.setU32(base + layout.TX_DATA_LENGTH, frame.data.length);

  const entries = allocate(frame.accessList.length * layout.ACCESS_ENTRY_BYTES);
  memory.setU32(base + layout.TX_ACCESS_LIST_PTR, entries);
  memory.setU32(base + layout.TX_ACCESS_LIST_COUNT, frame.accessList.length);
  for (const [index, { address, storageKeys }] of frame.accessList.entries()) {
    const entry = entries + index * layout.ACCESS_ENTRY_BYTES;
    const keys = allocate(storageKeys.length * layout.WORD_BYTES);
    memory.setAccount(entry + layout.ACCESS_ENTRY_ADDRESS, address);
    memory.setU32(entry + layout.ACCESS_ENTRY_KEYS_PTR, keys);
    memory.setU32(entry + layout.ACCESS_ENTRY_KEYS_COUNT, storageKeys.length);
    for (const [position, key] of storageKeys.entries()) {
      memory.setHash(keys + position * layout.WORD_BYTES, key);
    }
  }

  const authorizations = allocate(frame.authorizations.length * layout.AUTHORIZATION_BYTES);
  memory.setU32(base + layout.TX_AUTHORIZATIONS_PTR, authorizations);
  memory.setU32(base + layout.TX_AUTHORIZATIONS_COUNT, frame.authorizations.length);
  for (const [index, authorization] of frame.authorizations.entries()) {
    const entry = authorizations + index * layout.AUTHORIZATION_BYTES;
    const { chainId, address, authority, nonce } = authorization;
    memory.setWord(entry + layout.AUTHORIZATION_CHAIN_ID, chainId);
    memory.setAccount(entry + layout.AUTHORIZATION_TARGET, address);
    memory.setAccount(entry + layout.AUTHORIZATION_AUTHORITY, authority ?? ZERO_ADDRESS);
    memory.setU64(entry + layout.AUTHORIZATION_NONCE, nonce);
    memory.setU32(entry + layout.AUTHORIZATION_RECOVERED, authority === undefined ? 0 : 1);
  }

  const blobHashes = allocate(frame.blobHashes.length * layout.WORD_BYTES);
  memory.setU32(base + layout.TX_BLOB_HASHES_PTR, blobHashes);
  memory.setU32(base + layout.TX_BLOB_HASHES_COUNT, frame.blobHashes.length);
  for (const [index, hash] of frame.blobHashes.entries()) {
    memory.write(blobHashes + index * layout.WORD_BYTES, hexToBytes(hash));
  }
}

/** Bytes that `frame` takes in memory. */
export function sizeOf(frame: TxFrame): number {
  const keys = frame.accessList.reduce((sum, { storageKeys }) => sum + storageKeys.length, 0);
  return layout.TX_FRAME_BYTES + frame.data.length + layout.WORD_BYTES +
    frame.accessList.length * layout.ACCESS_ENTRY_BYTES +
    (keys + frame.blobHashes.length) * layout.WORD_BYTES +
    frame.authorizations.length * layout.AUTHORIZATION_BYTES;
}

function flagsOf(frame: TxFrame): number {
  return (frame.to === undefined ? layout.TX_FLAG_CREATE : 0) |
    (frame.chainId === undefined ? 0 : layout.TX_FLAG_HAS_CHAIN_ID) |
    (frame.asTransaction ? layout.TX_FLAG_AS_TRANSACTION : 0);
}
