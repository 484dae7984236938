import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  fieldLabel,
  formatEther,
  printable,
  renderTable,
  renderValue,
  toJson,
  wrapText,
} from "./render.ts";

Deno.test("toJson() writes one line with sorted keys, integers of any size and bytes as text", () => {
  const value = { b: 2n ** 70n, a: { d: Uint8Array.of(1, 255), c: undefined }, e: [null, 1.5] };
  assertEquals(toJson(value), '{"a":{"d":"0x01ff"},"b":"1180591620717411303424","e":[null,1.5]}');
});

Deno.test("toJson() is one line and the same for any order of keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assertEquals(toJson(value), toJson(reversed));
      assert(!toJson(value).includes("\n"));
      assertEquals(toJson(JSON.parse(toJson(value))), toJson(value));
    }),
    { seed: 20261125 },
  );
});

Deno.test("fieldLabel() splits words and leaves units off", () => {
  assertEquals(fieldLabel("l1BlockNumber"), "L1 block number");
  assertEquals(fieldLabel("balanceWei"), "balance");
  assertEquals(fieldLabel("timestampSec"), "timestamp");
});

Deno.test("formatEther() is exact", () => {
  assertEquals(formatEther(0n), "0 ETH");
  assertEquals(formatEther(1n), "0.000000000000000001 ETH");
  assertEquals(formatEther(10_000n * 10n ** 18n), "10000 ETH");
});

Deno.test("printable() writes out bytes that would drive a terminal", () => {
  assertEquals(printable("a\x1b[2Jb\n\u202e"), "a\\u001b[2Jb\\u000a\\u202e");
});

Deno.test("renderValue() aligns fields, explains units and nests", () => {
  const text = renderValue({
    number: 3,
    timestampSec: 1_700_000_000,
    balanceWei: "1500000000000000000",
    proof: null,
    l1Transactions: [{ nonce: 1, status: "mined" }, { nonce: 10, status: "sent" }],
    logs: [],
    open: { isNew: true },
  });
  assertEquals(
    text,
    [
      "number     3",
      "timestamp  1700000000 (2023-11-14T22:13:20Z)",
      "balance    1500000000000000000 wei (1.5 ETH)",
      "proof      none",
      "L1 transactions:",
      "  nonce  status",
      "  1      mined",
      "  10     sent",
      "logs       none",
      "open:",
      "  is new  yes",
    ].join("\n"),
  );
});

Deno.test("renderValue() turns rows too wide for a table into blocks of fields", () => {
  const row = { left: "a".repeat(80), right: "b".repeat(80) };
  assertEquals(renderValue([row, row]).split("\n").length, 5);
});

Deno.test("renderValue() renders any JSON without control characters", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      // deno-lint-ignore no-control-regex -- control characters are what must not be there.
      assert(!/[\x00-\x09\x0b-\x1f\x7f]/.test(renderValue(JSON.parse(JSON.stringify(value)))));
    }),
    { seed: 20261126 },
  );
});

Deno.test("renderTable() pads columns and leaves no trailing blanks", () => {
  assertEquals(renderTable(["a", "long"], [["xyz", "1"], ["", ""]]), "a    long\nxyz  1\n");
});

Deno.test("wrapText() keeps words, newlines and indents", () => {
  assertEquals(wrapText("aa bb cc\n  dd", 5), ["aa bb", "cc", "  dd"]);
});
