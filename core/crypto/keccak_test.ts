import { assertEquals } from "@std/assert";
import { keccak_256 } from "@noble/hashes/sha3.js";
import fc from "fast-check";
import { keccak256, keccak256Bytes } from "./keccak.ts";

Deno.test("keccak256() gives the published hash of nothing and of abc", () => {
  assertEquals<string>(
    keccak256(new Uint8Array(0)),
    "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
  );
  assertEquals<string>(
    keccak256(new TextEncoder().encode("abc")),
    "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
  );
});

Deno.test("keccak256Bytes() is the same hash as bytes", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  assertEquals(`0x${keccak256Bytes(bytes).toHex()}`, keccak256(bytes));
});

Deno.test("keccak256Bytes() agrees with another implementation around every block boundary", () => {
  const bytes = Uint8Array.from({ length: 600 }, (_, index) => (index * 7 + 1) & 0xff);
  for (let length = 0; length <= bytes.length; length++) {
    const input = bytes.subarray(0, length);
    assertEquals(keccak256Bytes(input).toHex(), keccak_256(input).toHex(), `${length} bytes`);
  }
});

Deno.test("keccak256Bytes() agrees with another implementation on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
      assertEquals(keccak256Bytes(bytes).toHex(), keccak_256(bytes).toHex());
    }),
    { seed: 1 },
  );
});

Deno.test("keccak256Bytes() takes more than the module's memory held before", () => {
  for (const length of [70_000, 300_000, 5]) {
    const bytes = new Uint8Array(length).fill(0xa5);
    assertEquals(keccak256Bytes(bytes).toHex(), keccak_256(bytes).toHex(), `${length} bytes`);
  }
});

Deno.test("keccak256Bytes() gives a digest that later calls leave alone", () => {
  const first = keccak256Bytes(Uint8Array.of(1));
  const before = first.toHex();
  keccak256Bytes(Uint8Array.of(2));
  assertEquals(first.toHex(), before);
});
