import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { keccak256 } from "../../core/crypto/keccak.ts";
import { AssertionError } from "../../core/primitives/errors.ts";
import { address, bigintToHash32, type Hash32, ZERO_HASH } from "../../core/primitives/hex.ts";
import { balanceSlot, codeHashSlot, nonceSlot } from "../../core/types/state.ts";
import type { StoragePort } from "../../core/vm/executor.ts";
import { createMemoryStorage, recordingStorage } from "../../core/vm/memory_storage.ts";
import { createWorldState } from "./world_state.ts";

const ALICE = address(`0x${"a1".repeat(20)}`);
const CODE = Uint8Array.of(1, 2, 3);
const SLOT = bigintToHash32(7n);

function storageWith(value: Hash32) {
  return createMemoryStorage({
    writes: [{ address: ALICE, slot: SLOT, value }, {
      ...balanceSlot(ALICE),
      value: bigintToHash32(50n),
    }],
    codes: new Map(),
  });
}

/** Every read is a miss. */
function slowly(port: StoragePort): StoragePort {
  return {
    readSlot: async (account, slot) => await port.readSlot(account, slot),
    isWritten: async (account, slot) => await port.isWritten(account, slot),
    readCode: async (codeHash) => await port.readCode(codeHash),
  };
}

Deno.test("createWorldState() reads accounts from their three slots", async () => {
  for (const storage of [storageWith(SLOT), slowly(storageWith(SLOT))]) {
    const state = createWorldState(storage);
    assertEquals(await state.account(ALICE), { nonce: 0n, balanceWei: 50n, codeHash: ZERO_HASH });
  }
});

Deno.test("changes() gives final differences in order and counts reads", () => {
  const state = createWorldState(storageWith(SLOT));
  state.setAccount(ALICE, { nonce: 1n, balanceWei: 60n, codeHash: state.storeCode(CODE) });
  state.setSlot(ALICE, SLOT, new Uint8Array(0));
  const { diffs, newCodes, slotReadCount } = state.changes();
  assertEquals(diffs, [
    { ...codeHashSlot(ALICE), oldValue: ZERO_HASH, newValue: keccak256(CODE) },
    { ...nonceSlot(ALICE), oldValue: ZERO_HASH, newValue: bigintToHash32(1n) },
    { ...balanceSlot(ALICE), oldValue: bigintToHash32(50n), newValue: bigintToHash32(60n) },
    { address: ALICE, slot: SLOT, oldValue: SLOT, newValue: ZERO_HASH },
  ]);
  assertEquals([...newCodes], [[keccak256(CODE), CODE]]);
  assertEquals(slotReadCount, 4);
});

Deno.test("changes() has nothing for values that came back and codes nobody has", () => {
  const state = createWorldState(storageWith(SLOT));
  state.setSlot(ALICE, SLOT, Uint8Array.of(9));
  state.setSlot(ALICE, SLOT, Uint8Array.of(7));
  state.storeCode(CODE);
  const { diffs, newCodes } = state.changes();
  assertEquals(diffs, []);
  assertEquals(newCodes.size, 0);
});

Deno.test("changes() asserts that no checkpoint is open", () => {
  const state = createWorldState(storageWith(SLOT));
  state.checkpoint();
  assertThrows(() => state.changes(), AssertionError);
});

Deno.test("undo() goes back to its mark and keep() joins the marks", async () => {
  const state = createWorldState(storageWith(SLOT));
  state.checkpoint();
  state.setSlot(ALICE, SLOT, Uint8Array.of(1));
  state.checkpoint();
  state.setSlot(ALICE, SLOT, Uint8Array.of(2));
  state.undo();
  assertEquals((await state.slot(ALICE, SLOT)).at(-1), 1);
  state.checkpoint();
  state.setSlot(ALICE, SLOT, Uint8Array.of(3));
  state.keep();
  state.undo();
  assertEquals((await state.slot(ALICE, SLOT)).at(-1), 7);
  assertEquals(state.depth(), 0);
});

Deno.test("slotAtTxStart() keeps its value through writes and undoing", async () => {
  const state = createWorldState(storageWith(SLOT));
  state.beginTransaction();
  state.setSlot(ALICE, SLOT, Uint8Array.of(1));
  state.beginTransaction();
  assertEquals((await state.slotAtTxStart(ALICE, SLOT)).at(-1), 1);
  state.checkpoint();
  state.setSlot(ALICE, SLOT, Uint8Array.of(2));
  assertEquals((await state.slotAtTxStart(ALICE, SLOT)).at(-1), 1);
  state.undo();
  assertEquals((await state.slotAtTxStart(ALICE, SLOT)).at(-1), 1);
});

Deno.test("clearSeenSlots() can be undone", async () => {
  const state = createWorldState(storageWith(SLOT));
  await state.slot(ALICE, SLOT);
  state.checkpoint();
  state.clearSeenSlots(ALICE);
  assertEquals((await state.slot(ALICE, SLOT)).length, 0);
  state.undo();
  assertEquals((await state.slot(ALICE, SLOT)).at(-1), 7);
});

Deno.test("createWorldState() reads each slot of the port at most once", async () => {
  let reads = 0;
  const memory = storageWith(SLOT);
  const counting: StoragePort = {
    readSlot: (account, slot) => (reads++, memory.readSlot(account, slot)),
    isWritten: memory.isWritten,
    readCode: memory.readCode,
  };
  const recorder = recordingStorage(counting);
  const state = createWorldState(recorder);
  for (let round = 0; round < 3; round++) {
    await state.account(ALICE);
    await state.slot(ALICE, SLOT);
    await state.setSlot(ALICE, SLOT, Uint8Array.of(round));
  }
  assertEquals(reads, 4);
  assertEquals(recorder.readSlots().length, 4);
});

Deno.test("undo() restores exactly what a copy would have kept", () => {
  const write = fc.tuple(fc.bigInt(0n, 3n), fc.integer({ min: 0, max: 3 }));
  const step = fc.oneof(write, fc.constantFrom("checkpoint", "keep", "undo"));
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const state = createWorldState(createMemoryStorage());
    const copies: Map<bigint, number>[] = [];
    let model = new Map<bigint, number>();
    for (const next of steps) {
      if (next === "checkpoint") copies.push(new Map(model)), state.checkpoint();
      else if (next === "keep") copies.pop() && state.keep();
      else if (next === "undo") {
        const copy = copies.pop();
        if (copy !== undefined) model = copy, state.undo();
      } else {
        const [slot, value] = next;
        model.set(slot, value);
        state.setSlot(ALICE, bigintToHash32(slot), Uint8Array.of(value));
      }
    }
    while (state.depth() > 0) state.keep();
    const expected = [...model].filter(([, value]) => value !== 0)
      .map(([slot, value]) => [bigintToHash32(slot), bigintToHash32(BigInt(value))]);
    const actual = state.changes().diffs.map((diff) => [diff.slot, diff.newValue]);
    assertEquals(actual, expected.sort());
  });
  fc.assert(property, { seed: 42, numRuns: 300 });
});
