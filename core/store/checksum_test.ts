import { assertEquals, assertNotEquals } from "@std/assert";
import { checksum, crc32 } from "./checksum.ts";

Deno.test("crc32() gives the check value of its standard, whole and in pieces", () => {
  const bytes = new TextEncoder().encode("123456789");
  assertEquals(crc32(bytes), 0xcbf43926);
  assertEquals(crc32(bytes.slice(4), crc32(bytes.slice(0, 4))), 0xcbf43926);
  assertEquals(crc32(new Uint8Array(0)), 0);
});

Deno.test("checksum() looks at names, kinds and values, not at order or absent fields", () => {
  const row = { left: 1n, right: "1", bytes: Uint8Array.of(1, 2) };
  const sum = checksum(row);
  assertEquals(checksum({ bytes: Uint8Array.of(1, 2), right: "1", left: 1n, no: undefined }), sum);
  const others: readonly unknown[] = [
    { ...row, left: 2n },
    { ...row, left: 1 },
    { ...row, left: "1" },
    { ...row, right: "" },
    { ...row, bytes: Uint8Array.of(1, 3) },
    { ...row, bytes: Uint8Array.of(1) },
    { ...row, more: 0n },
    { left: 1n, rights: "1", bytes: Uint8Array.of(1, 2) },
  ];
  for (const other of others) assertNotEquals(checksum(other), sum);
  assertNotEquals(checksum(1n), checksum("1"));
});

Deno.test("checksum() changes with every single bit of a value", () => {
  const bytes = new Uint8Array(64).map((_, index) => index);
  const sum = checksum(bytes);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const index = bit >> 3;
    assertNotEquals(checksum(bytes.with(index, (bytes[index] ?? 0) ^ (1 << (bit & 7)))), sum);
  }
});
