import { assertEquals } from "@std/assert";
import { address, bigintToHash32, ZERO_HASH } from "../../primitives/hex.ts";
import { createMemoryView } from "./memory_view.ts";

const MAX_WORD = (1n << 256n) - 1n;

Deno.test("createMemoryView() keeps numbers little-endian in the first 8 bytes of a slot", () => {
  const memory = createMemoryView(new WebAssembly.Memory({ initial: 1 }));
  memory.setNumber(3, 0x0102030405060708n);
  assertEquals(memory.read(96, 32).toHex(), `0807060504030201${"00".repeat(24)}`);
  assertEquals(memory.number(3), 0x0102030405060708n);
  memory.setNumber(3, (1n << 64n) - 5n);
  assertEquals(memory.count(3), -5);
  memory.setNumber(3, 0x1f_0000_0007n);
  assertEquals(memory.count(3), 0x1f_0000_0007);
  memory.setNumber(3, (1n << 64n) - 5n);
  assertEquals(memory.number(3), (1n << 64n) - 5n);
  memory.setU64(104, 7n);
  memory.setU32(112, 9);
  assertEquals([memory.u32(104), memory.u32(108), memory.u32(112)], [7, 0, 9]);
});

Deno.test("createMemoryView() keeps words big-endian", () => {
  const memory = createMemoryView(new WebAssembly.Memory({ initial: 1 }));
  for (const word of [0n, 1n, 255n, 1n << 64n, (1n << 192n) + 3n, MAX_WORD]) {
    memory.setWord(32, word);
    assertEquals(memory.word(32), word);
    assertEquals(memory.hash(32), bigintToHash32(word));
  }
  memory.setHash(32, ZERO_HASH);
  assertEquals(memory.word(32), 0n);
});

Deno.test("createMemoryView() right-aligns an account and clears the rest of its word", () => {
  const memory = createMemoryView(new WebAssembly.Memory({ initial: 1 }));
  const owner = address(`0x${"ab".repeat(20)}`);
  memory.setWord(64, MAX_WORD);
  memory.setAccount(64, owner);
  assertEquals(memory.account(64), owner);
  assertEquals(memory.word(64), BigInt(owner));
});

Deno.test("createMemoryView() sees a memory that has grown", () => {
  const raw = new WebAssembly.Memory({ initial: 1 });
  const memory = createMemoryView(raw);
  memory.setNumber(1, 5n);
  raw.grow(2);
  assertEquals(memory.number(1), 5n);
  memory.write(2 * 65_536, Uint8Array.of(1, 2, 3));
  assertEquals(memory.read(2 * 65_536, 4), Uint8Array.of(1, 2, 3, 0));
  assertEquals(memory.bytes().length, 3 * 65_536);
  // What was read is a copy.
  const copy = memory.read(2 * 65_536, 3);
  copy.fill(9);
  assertEquals(memory.u32(2 * 65_536), 0x030201);
});
