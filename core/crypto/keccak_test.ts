import { assertEquals } from "@std/assert";
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
