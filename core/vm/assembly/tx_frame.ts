/**
 * A transaction's frame in TX_REGION: whether it is whole, and its fields as words.
 *
 * The operator writes frames; nothing here trusts its pointers, so that no frame makes the program
 * read outside of the region.
 */
import { loadBytesBE } from "./words";
import {
  ACCESS_ENTRY_BYTES,
  ACCESS_ENTRY_KEYS_COUNT,
  ACCESS_ENTRY_KEYS_PTR,
  AUTHORIZATION_BYTES,
  TX_ACCESS_LIST_COUNT,
  TX_ACCESS_LIST_PTR,
  TX_AUTHORIZATIONS_COUNT,
  TX_AUTHORIZATIONS_PTR,
  TX_BLOB_HASHES_COUNT,
  TX_BLOB_HASHES_PTR,
  TX_DATA_LENGTH,
  TX_DATA_PTR,
  TX_FLAGS,
  TX_FRAME_BYTES,
  TX_REGION_BASE,
  TX_REGION_END,
  WORD_BYTES,
} from "./layout";

const ADDRESS_BYTES: i32 = 20;

/** Whether the frame and all that it points to lie in TX_REGION. */
export function isFrame(frame: usize): bool {
  if (!isInside(frame, 1, TX_FRAME_BYTES) || (frame & (WORD_BYTES - 1)) != 0) return false;
  const entries = <usize> load<u32>(frame + TX_ACCESS_LIST_PTR);
  const entryCount = load<u32>(frame + TX_ACCESS_LIST_COUNT);
  if (
    !isInside(load<u32>(frame + TX_DATA_PTR), load<u32>(frame + TX_DATA_LENGTH), 1) ||
    !isInside(entries, entryCount, ACCESS_ENTRY_BYTES) ||
    !isInside(
      load<u32>(frame + TX_AUTHORIZATIONS_PTR),
      load<u32>(frame + TX_AUTHORIZATIONS_COUNT),
      AUTHORIZATION_BYTES,
    ) ||
    !isInside(
      load<u32>(frame + TX_BLOB_HASHES_PTR),
      load<u32>(frame + TX_BLOB_HASHES_COUNT),
      WORD_BYTES,
    )
  ) return false;
  for (let i: u32 = 0; i < entryCount; i++) {
    const entry = entries + i * ACCESS_ENTRY_BYTES;
    const keys = <usize> load<u32>(entry + ACCESS_ENTRY_KEYS_PTR);
    if (!isInside(keys, load<u32>(entry + ACCESS_ENTRY_KEYS_COUNT), WORD_BYTES)) return false;
  }
  return true;
}

/** An account that stands right-aligned in a big-endian word; what is above it does not count. */
export function loadAddress(out: usize, source: usize): void {
  loadBytesBE(out, source + (WORD_BYTES - ADDRESS_BYTES), ADDRESS_BYTES);
}

export function hasFlag(frame: usize, flag: u32): bool {
  return (load<u32>(frame + TX_FLAGS) & flag) != 0;
}

/** Nothing may be anywhere. */
function isInside(pointer: usize, items: u32, itemBytes: u32): bool {
  if (items == 0) return true;
  const end = <u64> pointer + <u64> items * <u64> itemBytes;
  return pointer >= <usize> TX_REGION_BASE && end <= <u64> TX_REGION_END;
}
