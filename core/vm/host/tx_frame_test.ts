import { assertEquals, assertThrows } from "@std/assert";
import { AssertionError } from "../../primitives/errors.ts";
import { address, bigintToHash32 } from "../../primitives/hex.ts";
import * as layout from "../assembly/layout.ts";
import { createMemoryView, type MemoryView } from "./memory_view.ts";
import type { TxFrame } from "./program.ts";
import { MAX_FRAME_BYTES, sizeOf, writeTxFrame } from "./tx_frame.ts";

const account = (byte: string) => address(`0x${byte.repeat(20)}`);
const BASE = layout.TX_REGION_BASE;

const FRAME: TxFrame = {
  type: 4,
  sender: account("11"),
  to: account("22"),
  valueWei: 1n << 200n,
  maxFeePerGasWei: 300n,
  maxPriorityFeePerGasWei: 200n,
  maxFeePerBlobGasWei: 100n,
  chainId: 901n,
  gasLimit: (1n << 64n) - 1n,
  nonce: 12n,
  data: new Uint8Array(33).fill(7),
  accessList: [
    { address: account("33"), storageKeys: [bigintToHash32(1n), bigintToHash32(2n)] },
    { address: account("44"), storageKeys: [] },
  ],
  authorizations: [
    { chainId: 1n, address: account("55"), nonce: 3n, authority: account("66") },
    { chainId: 0n, address: account("77"), nonce: 4n, authority: undefined },
  ],
  blobHashes: [bigintToHash32(9n)],
  asTransaction: true,
};

function written(frame: TxFrame): MemoryView {
  const memory = createMemoryView(new WebAssembly.Memory({ initial: 256 }));
  writeTxFrame(memory, frame);
  return memory;
}

Deno.test("writeTxFrame() writes the fields of a frame", () => {
  const memory = written(FRAME);
  assertEquals(memory.account(BASE + layout.TX_SENDER), FRAME.sender);
  assertEquals(memory.account(BASE + layout.TX_TO), FRAME.to);
  const words = [
    layout.TX_VALUE,
    layout.TX_MAX_FEE,
    layout.TX_MAX_PRIORITY_FEE,
    layout.TX_MAX_BLOB_FEE,
    layout.TX_CHAIN_ID,
  ].map((at) => memory.word(BASE + at));
  assertEquals(words, [1n << 200n, 300n, 200n, 100n, 901n]);
  const gasLimit = memory.read(BASE + layout.TX_GAS_LIMIT, 8).toHex();
  assertEquals(gasLimit, "ff".repeat(8));
  assertEquals(memory.u32(BASE + layout.TX_NONCE), 12);
  assertEquals(memory.u32(BASE + layout.TX_TYPE), 4);
  const flags = layout.TX_FLAG_HAS_CHAIN_ID | layout.TX_FLAG_AS_TRANSACTION;
  assertEquals(memory.u32(BASE + layout.TX_FLAGS), flags);
});

Deno.test("writeTxFrame() flags a creation and a signature for any chain", () => {
  const memory = written({ ...FRAME, to: undefined, chainId: undefined, asTransaction: false });
  assertEquals(memory.u32(BASE + layout.TX_FLAGS), layout.TX_FLAG_CREATE);
});

Deno.test("writeTxFrame() writes lists behind the frame, within the size that sizeOf() says", () => {
  const memory = written(FRAME);
  const at = (offset: number) => memory.u32(BASE + offset);
  assertEquals(memory.read(at(layout.TX_DATA_PTR), at(layout.TX_DATA_LENGTH)), FRAME.data);

  const entry = at(layout.TX_ACCESS_LIST_PTR);
  assertEquals(at(layout.TX_ACCESS_LIST_COUNT), 2);
  assertEquals(memory.account(entry + layout.ACCESS_ENTRY_ADDRESS), account("33"));
  const keys = memory.u32(entry + layout.ACCESS_ENTRY_KEYS_PTR);
  assertEquals(memory.u32(entry + layout.ACCESS_ENTRY_KEYS_COUNT), 2);
  assertEquals([memory.word(keys), memory.word(keys + 32)], [1n, 2n]);
  const second = entry + layout.ACCESS_ENTRY_BYTES;
  assertEquals(memory.account(second + layout.ACCESS_ENTRY_ADDRESS), account("44"));
  assertEquals(memory.u32(second + layout.ACCESS_ENTRY_KEYS_COUNT), 0);

  const first = at(layout.TX_AUTHORIZATIONS_PTR);
  const bad = first + layout.AUTHORIZATION_BYTES;
  assertEquals(at(layout.TX_AUTHORIZATIONS_COUNT), 2);
  assertEquals(memory.word(first + layout.AUTHORIZATION_CHAIN_ID), 1n);
  assertEquals(memory.account(first + layout.AUTHORIZATION_TARGET), account("55"));
  assertEquals(memory.account(first + layout.AUTHORIZATION_AUTHORITY), account("66"));
  assertEquals(memory.u32(first + layout.AUTHORIZATION_NONCE), 3);
  assertEquals(memory.u32(first + layout.AUTHORIZATION_RECOVERED), 1);
  assertEquals(memory.account(bad + layout.AUTHORIZATION_TARGET), account("77"));
  assertEquals(memory.u32(bad + layout.AUTHORIZATION_RECOVERED), 0);

  const blobs = at(layout.TX_BLOB_HASHES_PTR);
  assertEquals([at(layout.TX_BLOB_HASHES_COUNT), memory.word(blobs)], [1, 9n]);
  const end = Math.max(blobs + 32, bad + layout.AUTHORIZATION_BYTES, keys + 64);
  assertEquals(end - BASE <= sizeOf(FRAME), true);
});

Deno.test("writeTxFrame() asserts that the frame fits its region", () => {
  const room = MAX_FRAME_BYTES - sizeOf({ ...FRAME, data: new Uint8Array(0) });
  assertEquals(sizeOf({ ...FRAME, data: new Uint8Array(room) }), MAX_FRAME_BYTES);
  written({ ...FRAME, data: new Uint8Array(room) });
  assertThrows(() => written({ ...FRAME, data: new Uint8Array(room + 1) }), AssertionError);
});
