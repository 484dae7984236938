import { assertEquals } from "@std/assert";
import { keccak256 } from "../crypto/keccak.ts";
import { address, bigintToHash32, ZERO_HASH } from "../primitives/hex.ts";
import { balanceSlot, codeHashSlot, nonceSlot } from "../types/state.ts";
import { createMemoryStorage } from "./memory_storage.ts";
import { createOverlay } from "./overlay_storage.ts";

const ACCOUNT = address(`0x${"11".repeat(20)}`);
const OTHER = address(`0x${"22".repeat(20)}`);
const word = (value: number) => bigintToHash32(BigInt(value));
const base = () =>
  createMemoryStorage({
    writes: [
      { ...balanceSlot(ACCOUNT), value: word(7) },
      { address: ACCOUNT, slot: word(1), value: word(10) },
      { address: ACCOUNT, slot: word(2), value: word(20) },
      { address: OTHER, slot: word(1), value: word(30) },
    ],
    codes: new Map(),
  });

Deno.test("createOverlay() answers what it does not have from below", () => {
  const overlay = createOverlay(base());
  assertEquals(overlay.readSlot(ACCOUNT, word(1)), word(10));
  assertEquals(overlay.isWritten(ACCOUNT, word(1)), true);
  assertEquals(overlay.isWritten(ACCOUNT, word(9)), false);
});

Deno.test("patch() replaces fields, and the code with its hash", () => {
  const overlay = createOverlay(base());
  const code = new Uint8Array([1, 2]);
  overlay.patch(new Map([[ACCOUNT, { balanceWei: 1n, nonce: 2n, code }]]));
  const read = ({ address, slot }: ReturnType<typeof balanceSlot>) =>
    overlay.readSlot(address, slot);
  assertEquals(read(balanceSlot(ACCOUNT)), word(1));
  assertEquals(read(nonceSlot(ACCOUNT)), word(2));
  assertEquals(read(codeHashSlot(ACCOUNT)), keccak256(code));
  assertEquals(overlay.readCode(keccak256(code)), code);
  overlay.patch(new Map([[ACCOUNT, { code: new Uint8Array(0) }]]));
  assertEquals(read(codeHashSlot(ACCOUNT)), ZERO_HASH);
});

Deno.test("patch() with state hides all other slots of the account, with stateDiff none", () => {
  const overlay = createOverlay(base());
  overlay.patch(new Map([[OTHER, { stateDiff: new Map([[word(5), word(50)]]) }]]));
  assertEquals(overlay.readSlot(OTHER, word(1)), word(30));
  assertEquals(overlay.readSlot(OTHER, word(5)), word(50));
  overlay.patch(new Map([[ACCOUNT, { state: new Map([[word(2), word(21)]]) }]]));
  assertEquals(overlay.readSlot(ACCOUNT, word(1)), ZERO_HASH);
  assertEquals(overlay.readSlot(ACCOUNT, word(2)), word(21));
  assertEquals(overlay.readSlot(OTHER, word(1)), word(30));
});

Deno.test("takeWrites() tells what was written since it was asked last, sorted", () => {
  const overlay = createOverlay(base());
  overlay.patch(new Map([[OTHER, { stateDiff: new Map([[word(5), word(50)]]) }]]));
  overlay.apply([{ address: ACCOUNT, slot: word(1), newValue: word(11) }], new Map());
  assertEquals(overlay.takeWrites(), [
    { address: ACCOUNT, slot: word(1), value: word(11) },
    { address: OTHER, slot: word(5), value: word(50) },
  ]);
  assertEquals(overlay.takeWrites(), []);
});

Deno.test("apply() writes on top, below stays as it was", () => {
  const below = base();
  const overlay = createOverlay(below);
  const diff = { address: OTHER, slot: word(1), oldValue: word(30), newValue: ZERO_HASH };
  overlay.apply([diff], new Map());
  assertEquals(overlay.readSlot(OTHER, word(1)), ZERO_HASH);
  assertEquals(below.readSlot(OTHER, word(1)), word(30));
});
