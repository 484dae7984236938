import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "./errors.ts";
import { batchNumber, blockNumber, l1BlockNumber, parseDecimal } from "./units.ts";

const MAX_UINT64 = (1n << 64n) - 1n;

for (const make of [blockNumber, batchNumber, l1BlockNumber]) {
  Deno.test(`${make.name}() takes exactly the unsigned 64-bit integers`, () => {
    assertEquals<bigint>(make(0n), 0n);
    assertEquals<bigint>(make(MAX_UINT64), MAX_UINT64);
    for (const value of [-1n, MAX_UINT64 + 1n]) {
      assertEquals(assertThrows(() => make(value), RollupError).code, "NUMBER_INVALID");
    }
  });
}

Deno.test("parseDecimal() reads plain digits and nothing else", () => {
  assertEquals(parseDecimal("0"), 0n);
  assertEquals(parseDecimal("10"), 10n);
  assertEquals(parseDecimal("9".repeat(78)), 10n ** 78n - 1n);
  const refused = [
    "",
    "00",
    "01",
    "-1",
    "+1",
    "1.0",
    "1e3",
    "0x1",
    " 1",
    "1\n",
    "1_0",
    "٣",
    "9".repeat(79),
  ];
  for (const text of refused) {
    assertEquals(assertThrows(() => parseDecimal(text), RollupError).code, "NUMBER_INVALID");
  }
});
