import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { keccak256 } from "../crypto/keccak.ts";
import { bytesToHex, type Hex } from "../primitives/hex.ts";
import { ROLLUP_ABI } from "./contracts/generated.ts";
import { decodeRevert } from "./revert.ts";

Deno.test("decodeRevert() names every custom error of the contract", () => {
  const names = ROLLUP_ABI.flatMap((entry) => entry.type === "error" ? [entry.name] : []);
  assertEquals(names.length > 0, true);
  for (const errorName of names) {
    const selector = keccak256(new TextEncoder().encode(`${errorName}()`)).slice(0, 10);
    assertEquals(decodeRevert(`0x${selector.slice(2)}`), { errorName, text: errorName });
  }
});

Deno.test("decodeRevert() reads Solidity's own errors and says so of the rest", () => {
  const word = (value: number) => value.toString(16).padStart(64, "0");
  const hi = "6869".padEnd(64, "0");
  const cases: readonly (readonly [Hex, string, string])[] = [
    [`0x08c379a0${word(32)}${word(2)}${hi}`, "Error", 'Error("hi")'],
    [`0x08c379a0${word(32)}${word(33)}${hi}`, "Error", "Error(malformed)"],
    ["0x08c379a0", "Error", "Error(malformed)"],
    [`0x4e487b71${word(0x11)}`, "Panic", "Panic(0x11)"],
    ["0x4e487b71", "unknown", "reverted with 4 bytes: 0x4e487b71"],
    ["0x", "unknown", "reverted without data"],
    ["0x12345678", "unknown", "reverted with 4 bytes: 0x12345678"],
  ];
  for (const [data, errorName, text] of cases) {
    assertEquals(decodeRevert(data), { errorName, text });
  }
});

Deno.test("decodeRevert() has a short reason for any bytes", () => {
  const selectors = ["", "08c379a0", "4e487b71"].map((each) => Uint8Array.fromHex(each));
  fc.assert(
    fc.property(
      fc.constantFrom(...selectors),
      fc.uint8Array({ maxLength: 2_000 }),
      (head, tail) => {
        const { text } = decodeRevert(bytesToHex(Uint8Array.of(...head, ...tail)));
        // Each byte of a text may show as an escape of six characters.
        assertEquals(text.length < 256 * 6 + 20, true);
      },
    ),
    { seed: 902, numRuns: 300 },
  );
});
