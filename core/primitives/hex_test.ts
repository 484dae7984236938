import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { RollupError } from "./errors.ts";
import {
  address,
  bigintToHash32,
  bytesToAddress,
  bytesToHash32,
  bytesToHex,
  hash32,
  hash32ToBigint,
  hexToBytes,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "./hex.ts";

function code(act: () => unknown): string {
  return assertThrows(act, RollupError).code;
}

Deno.test("hexToBytes() inverts bytesToHex() and takes upper case", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assertEquals(hexToBytes(bytesToHex(bytes)), bytes);
    }),
    { seed: 7 },
  );
  assertEquals(hexToBytes("0xABcd"), Uint8Array.of(0xab, 0xcd));
  assertEquals(hexToBytes("0x"), new Uint8Array(0));
});

Deno.test("hexToBytes() refuses anything that is not whole bytes after 0x", () => {
  const refused = [
    "",
    "0",
    "ab",
    "0X00",
    "0xa",
    "0xabc",
    "0xgg",
    "0x 00",
    "0x00\n",
    "0x0x00",
    "0x-1",
  ];
  for (const text of refused) assertEquals(code(() => hexToBytes(text)), "HEX_INVALID");
});

Deno.test("hexToBytes() reads text of many megabytes", () => {
  assertEquals(hexToBytes(`0x${"ab".repeat(8_000_000)}`).length, 8_000_000);
});

Deno.test("hexToBytes() shows a bounded part of what it refuses", () => {
  const error = assertThrows(() => hexToBytes("z".repeat(10_000)), RollupError);
  assertEquals(error.message.length < 200, true);
});

Deno.test("address() takes 20 bytes in any case and writes them in lower case", () => {
  const mixed = "0xF39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
  assertEquals<string>(address(mixed), mixed.toLowerCase());
  for (const text of [mixed.slice(0, -1), `${mixed}0`, mixed.slice(2), ` ${mixed}`, `${mixed}\n`]) {
    assertEquals(code(() => address(text)), "HEX_INVALID");
  }
});

Deno.test("hash32() takes exactly 32 bytes", () => {
  assertEquals<string>(hash32(`0x${"AB".repeat(32)}`), `0x${"ab".repeat(32)}`);
  assertEquals(code(() => hash32(`0x${"ab".repeat(31)}`)), "HEX_INVALID");
  assertEquals(code(() => hash32(`0x${"ab".repeat(33)}`)), "HEX_INVALID");
});

Deno.test("bytesToAddress() and bytesToHash32() hold the size", () => {
  assertEquals(bytesToAddress(new Uint8Array(20)), ZERO_ADDRESS);
  assertEquals(bytesToHash32(new Uint8Array(32)), ZERO_HASH);
  assertEquals(code(() => bytesToAddress(new Uint8Array(32))), "HEX_INVALID");
  assertEquals(code(() => bytesToHash32(new Uint8Array(20))), "HEX_INVALID");
});

Deno.test("bigintToHash32() and hash32ToBigint() are inverse within 256 bits", () => {
  for (const value of [0n, 1n, 255n, 256n, (1n << 256n) - 1n]) {
    assertEquals(hash32ToBigint(bigintToHash32(value)), value);
  }
  assertEquals(code(() => bigintToHash32(1n << 256n)), "HEX_INVALID");
  assertEquals(code(() => bigintToHash32(-1n)), "HEX_INVALID");
});
