import { assertEquals, assertThrows } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { AssertionError } from "../primitives/errors.ts";
import { address, bigintToHash32, ZERO_HASH } from "../primitives/hex.ts";
import type { StoragePort } from "./executor.ts";
import { createMemoryStorage, recordingStorage } from "./memory_storage.ts";

const ALICE = address(`0x${"a1".repeat(20)}`);
const BOB = address(`0x${"b0".repeat(20)}`);
const ONE = bigintToHash32(1n);
const TWO = bigintToHash32(2n);
const CODE = Uint8Array.of(0xfe);

Deno.test("createMemoryStorage() applies diffs and codes and sorts its entries", () => {
  const storage = createMemoryStorage();
  storage.apply([
    { address: BOB, slot: ONE, oldValue: ZERO_HASH, newValue: TWO },
    { address: ALICE, slot: TWO, oldValue: ZERO_HASH, newValue: ONE },
  ], new Map([[keccak256(CODE), CODE]]));
  assertEquals(storage.readSlot(BOB, ONE), TWO);
  assertEquals(storage.readSlot(BOB, TWO), ZERO_HASH);
  assertEquals(storage.readCode(keccak256(CODE)), CODE);
  assertEquals(storage.entries(), [
    { address: ALICE, slot: TWO, value: ONE },
    { address: BOB, slot: ONE, value: TWO },
  ]);
  storage.apply([{ address: BOB, slot: ONE, oldValue: TWO, newValue: ZERO_HASH }], new Map());
  assertEquals(storage.entries().length, 1);
});

Deno.test("createMemoryStorage() asserts that diffs fit and codes are known", () => {
  const storage = createMemoryStorage();
  const diff = { address: ALICE, slot: ONE, oldValue: TWO, newValue: ONE };
  assertThrows(() => storage.apply([diff], new Map()), AssertionError);
  assertThrows(() => storage.readCode(ONE), AssertionError);
});

Deno.test("recordingStorage() keeps each read once, hit or miss", async () => {
  const writes = [{ address: ALICE, slot: ONE, value: TWO }];
  const memory = createMemoryStorage({ writes, codes: new Map([[keccak256(CODE), CODE]]) });
  const slow: StoragePort = {
    readSlot: async (account, slot) => await memory.readSlot(account, slot),
    isWritten: async (account, slot) => await memory.isWritten(account, slot),
    readCode: async (codeHash) => await memory.readCode(codeHash),
  };
  for (const port of [memory, slow]) {
    const recorder = recordingStorage(port);
    await recorder.readSlot(BOB, ONE);
    await recorder.readSlot(ALICE, ONE);
    await recorder.readSlot(ALICE, ONE);
    await recorder.readCode(keccak256(CODE));
    assertEquals(recorder.readSlots(), [...writes, { address: BOB, slot: ONE, value: ZERO_HASH }]);
    assertEquals([...recorder.readCodes()], [[keccak256(CODE), CODE]]);
  }
});
