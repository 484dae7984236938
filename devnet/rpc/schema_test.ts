import { assertEquals, assertThrows } from "@std/assert";
import {
  address,
  anyQuantity,
  anyStorageSlot,
  blockReference,
  data,
  decimal,
  describe,
  hash,
  object,
  optional,
  quantity,
  quantityOrNumber,
  type Schema,
  storageSlot,
  text,
} from "./schema.ts";
import { RpcError } from "./errors.ts";

function refuses(schema: Schema<unknown>, ...values: readonly unknown[]): void {
  for (const value of values) {
    const error = assertThrows(() => schema.parse(value, "argument 0 (x)"), RpcError);
    assertEquals([error.code, error.message.includes("argument 0 (x)")], [-32602, true]);
  }
}

Deno.test("quantity() takes what geth takes and refuses leading zeros", () => {
  const schema = quantity();
  assertEquals(schema.parse("0x0", "x"), 0n);
  assertEquals(schema.parse("0xFf", "x"), 255n);
  assertEquals(schema.parse(`0x${"f".repeat(64)}`, "x"), 2n ** 256n - 1n);
  refuses(schema, "0x", "0x00", "0x01", "1", "", "0xg", "-0x1", " 0x1", 1, null, undefined, {});
  refuses(schema, `0x1${"0".repeat(64)}`, `0x${"f".repeat(100_000)}`);
});

Deno.test("quantity(64) and quantity(8) bound the bits", () => {
  assertEquals(quantity(64).parse("0xffffffffffffffff", "x"), 2n ** 64n - 1n);
  refuses(quantity(64), "0x10000000000000000");
  assertEquals(quantity(8).parse("0xff", "x"), 255n);
  refuses(quantity(8), "0x100");
  assertEquals(quantity(53).parse("0x1fffffffffffff", "x"), 2n ** 53n - 1n);
  refuses(quantity(53), "0x20000000000000");
});

Deno.test("anyQuantity() takes what people write by hand", () => {
  for (const seven of [7, "7", "07", "0x7", "0x07", `0x${"7".padStart(64, "0")}`]) {
    assertEquals(anyQuantity().parse(seven, "x"), 7n);
  }
  assertEquals(anyQuantity(256).parse("1000000000000000000000", "x"), 10n ** 21n);
  refuses(anyQuantity(), "", "0x", "-1", "1.5", "1ether", "18446744073709551616", 2 ** 53, null);
});

Deno.test("anyStorageSlot() takes a number too", () => {
  assertEquals(anyStorageSlot.parse(3, "x"), storageSlot.parse("0x3", "x"));
  refuses(anyStorageSlot, -1, 1.5, "3", null);
});

Deno.test("quantityOrNumber() takes exact JSON numbers too", () => {
  assertEquals(quantityOrNumber().parse(7, "x"), 7n);
  refuses(quantityOrNumber(), -1, 1.5, 2 ** 53, Number.NaN, Infinity, "7");
});

Deno.test("data, address and hash take whole bytes only", () => {
  assertEquals(data.parse("0x", "x").length, 0);
  assertEquals(data.parse("0xAb", "x"), Uint8Array.of(0xab));
  refuses(data, "0xabc", "ab", "0xzz", "", 5);
  assertEquals<string>(address.parse(`0x${"aB".repeat(20)}`, "x"), `0x${"ab".repeat(20)}`);
  refuses(address, `0x${"ab".repeat(19)}`, `0x${"ab".repeat(21)}`, "ab".repeat(20));
  refuses(hash, `0x${"ab".repeat(31)}`, "0x", 5);
});

Deno.test("storageSlot pads on the left", () => {
  assertEquals<string>(storageSlot.parse("0x5", "x"), `0x${"0".repeat(63)}5`);
  assertEquals<string>(storageSlot.parse("0x", "x"), `0x${"0".repeat(64)}`);
  refuses(storageSlot, `0x${"0".repeat(65)}`, "5", 5);
});

Deno.test("decimal takes digits below 2^256", () => {
  assertEquals(decimal.parse("0", "x"), 0n);
  assertEquals(decimal.parse((2n ** 256n - 1n).toString(), "x"), 2n ** 256n - 1n);
  refuses(decimal, "01", "-1", "0x1", "1.0", "", (2n ** 256n).toString(), 1);
});

Deno.test("blockReference takes tags, numbers, hashes and EIP-1898", () => {
  const blockHash = `0x${"ab".repeat(32)}`;
  const byHash = blockReference.parse(blockHash, "x");
  assertEquals<unknown>(byHash, { kind: "hash", hash: blockHash });
  assertEquals(blockReference.parse({ blockHash, requireCanonical: true }, "x"), byHash);
  assertEquals(blockReference.parse("safe", "x"), { kind: "tag", tag: "safe" });
  assertEquals(blockReference.parse("0x10", "x"), { kind: "number", number: 16n });
  assertEquals(blockReference.parse({ blockNumber: "0x10" }, "x"), { kind: "number", number: 16n });
  refuses(blockReference, "newest", 5, true, {}, [], { blockHash, blockNumber: "0x1" });
  refuses(blockReference, { blockHash: "0x1" }, "0x10000000000000000");
});

Deno.test("text() bounds its length", () => {
  assertEquals(text(3).parse("abc", "x"), "abc");
  refuses(text(3), "abcd", 5);
});

Deno.test("describe() stays short whatever the value", () => {
  for (const value of ["x".repeat(1e6), [[[]]], { a: 1 }, null, undefined, true, 1e300]) {
    assertEquals(describe(value).length < 100, true);
  }
});

Deno.test("object() reads names in any case as geth does, the exact one first", () => {
  const schema = object({ feeRecipient: optional(text(9)), to: optional(text(9)) });
  assertEquals(schema.parse({ FeeRecipient: "a", TO: "b" }, "x"), { feeRecipient: "a", to: "b" });
  assertEquals(schema.parse({ FEERECIPIENT: "a", feeRecipient: "b" }, "x").feeRecipient, "b");
  assertEquals(schema.parse({ fee_recipient: "a" }, "x").feeRecipient, undefined);
});
