import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../core/primitives/errors.ts";
import { encodeCall } from "./calldata.ts";

const word = (hex: string) => hex.padStart(64, "0");

function refusal(signature: string, ...words: string[]): string {
  return assertThrows(() => encodeCall(signature, words), RollupError).code;
}

Deno.test("encodeCall() encodes the ERC-20 transfer that every explorer shows", () => {
  const to = "70997970C51812dc3A010C7d01b50e0d17dc79C8";
  assertEquals(
    encodeCall("transfer(address,uint256)", [`0x${to}`, "1ether"]),
    `0xa9059cbb${word(to.toLowerCase())}${word("de0b6b3a7640000")}`,
  );
});

Deno.test("encodeCall() knows selectors of calls without arguments, with results, with structs", () => {
  assertEquals(encodeCall("totalSupply()", []), "0x18160ddd");
  assertEquals(
    encodeCall("balanceOf(address) view returns (uint256)", [`0x${"00".repeat(20)}`]),
    `0x70a08231${word("0")}`,
  );
  // Solidity ABI specification, example of function f(uint256,uint32[],bytes10,bytes).
  assertEquals(
    encodeCall("f(uint256,uint32[],bytes10,bytes)", [
      "0x123",
      "[0x456, 0x789]",
      "0x31323334353637383930",
      "0x48656c6c6f2c20776f726c6421",
    ]),
    "0x8be65246" + word("123") + word("80") +
      "3132333435363738393000000000000000000000000000000000000000000000" +
      word("e0") + word("2") + word("456") + word("789") + word("d") +
      "48656c6c6f2c20776f726c642100000000000000000000000000000000000000",
  );
  assertEquals(
    encodeCall("g((uint8,bool)[])", ["[(1,true),(2,false)]"]).slice(10),
    word("20") + word("2") + word("1") + word("1") + word("2") + word("0"),
  );
});

Deno.test("encodeCall() gives a constructor's arguments without a selector", () => {
  assertEquals(encodeCall("constructor(int8)", ["-1"]), `0x${"f".repeat(64)}`);
});

Deno.test("encodeCall() refuses signatures, counts and values that do not fit", () => {
  assertEquals(refusal("transfer"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(nothing)", "1"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(uint8)"), "USAGE_MISSING_ARGUMENT");
  assertEquals(refusal("f(uint8)", "1", "2"), "USAGE_UNEXPECTED_ARGUMENT");
  assertEquals(refusal("f(uint8)", "256"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(int8)", "128"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(bool)", "1"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(bytes4)", "0x00"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(uint8[2])", "[1]"), "USAGE_INVALID_VALUE");
  assertEquals(refusal("f(uint8[])", "[1,[2]"), "USAGE_INVALID_VALUE");
});
