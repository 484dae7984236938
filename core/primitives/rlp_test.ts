import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { bytesToBigint } from "./bytes.ts";
import { RollupError } from "./errors.ts";
import { bytesToHex, hexToBytes } from "./hex.ts";
import {
  decodeRlp,
  encodeRlp,
  rlpBytes,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "./rlp.ts";

const text = (value: string) => new TextEncoder().encode(value);
const LOREM = "Lorem ipsum dolor sit amet, consectetur adipisicing elit";

/** Examples of the Ethereum wiki's page on RLP. */
const EXAMPLES: readonly [string, RlpItem, string][] = [
  ["dog", text("dog"), "0x83646f67"],
  ["[cat, dog]", [text("cat"), text("dog")], "0xc88363617483646f67"],
  ["the empty string", text(""), "0x80"],
  ["the empty list", [], "0xc0"],
  ["the byte 0x00", Uint8Array.of(0), "0x00"],
  ["the byte 0x0f", Uint8Array.of(0x0f), "0x0f"],
  ["the bytes 0x0400", Uint8Array.of(4, 0), "0x820400"],
  ["the sets of three", [[], [[]], [[], [[]]]], "0xc7c0c1c0c3c0c1c0"],
  ["56 bytes of text", text(LOREM), `0xb838${text(LOREM).toHex()}`],
];
for (const [name, item, hex] of EXAMPLES) {
  Deno.test(`encodeRlp() and decodeRlp() agree with the published form of ${name}`, () => {
    assertEquals(bytesToHex(encodeRlp(item)), hex);
    assertEquals(decodeRlp(hexToBytes(hex)), item);
  });
}

Deno.test("encodeRlp() changes form between 55 and 56 bytes, of text and of lists", () => {
  assertEquals(encodeRlp(new Uint8Array(55))[0], 0xb7);
  assertEquals([...encodeRlp(new Uint8Array(56)).subarray(0, 2)], [0xb8, 56]);
  assertEquals([...encodeRlp(new Uint8Array(256)).subarray(0, 3)], [0xb9, 1, 0]);
  const list = (count: number) => Array<RlpItem>(count).fill(Uint8Array.of(1));
  assertEquals(encodeRlp(list(55))[0], 0xf7);
  assertEquals([...encodeRlp(list(56)).subarray(0, 2)], [0xf8, 56]);
});

Deno.test("encodeRlp() takes lists longer than an argument list", () => {
  const encoded = encodeRlp(Array<RlpItem>(200_000).fill(Uint8Array.of(1)));
  assertEquals(encoded.length, 4 + 200_000);
});

const MALFORMED: readonly [string, string][] = [
  ["nothing", "0x"],
  ["a byte after the item", "0x8000"],
  ["text that ends early", "0x83646f"],
  ["a list that ends early", "0xc883636174"],
  ["a short byte in long form", "0x8100"],
  ["0x7f in long form", "0x817f"],
  ["55 bytes with a length field", `0xb837${"aa".repeat(55)}`],
  ["a list of 55 bytes with a length field", `0xf837${"01".repeat(55)}`],
  ["a length with a leading zero", `0xb90038${"aa".repeat(56)}`],
  ["a length field that ends early", "0xb9ff"],
  ["a length of 2^32", "0xbf0100000000000000"],
  ["a length of 2^40 with nothing behind it", "0xbd010000000000"],
  ["an item that reaches past its list", "0xc2830102"],
  ["an item that reaches past its list into further bytes", "0xc28301020304"],
  ["lists that nest 18 deep", "0xd1d0cfcecdcccbcac9c8c7c6c5c4c3c2c1c0"],
];
for (const [name, hex] of MALFORMED) {
  Deno.test(`decodeRlp() refuses ${name}`, () => {
    const error = assertThrows(() => decodeRlp(hexToBytes(hex)), RollupError);
    assertEquals(error.code, "RLP_INVALID");
  });
}

const itemArbitrary = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 5 },
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie("item"), { maxLength: 5 }),
  ),
})).item;

Deno.test("decodeRlp() gives back what encodeRlp() wrote", () => {
  fc.assert(
    fc.property(itemArbitrary, (item) => assertEquals(decodeRlp(encodeRlp(item)), item)),
    { seed: 2_718, numRuns: 300 },
  );
});

Deno.test("decodeRlp() refuses random bytes or reads their one canonical form", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      try {
        assertEquals(encodeRlp(decodeRlp(bytes)), bytes);
      } catch (error) {
        assertEquals(error instanceof RollupError && error.code, "RLP_INVALID");
      }
    }),
    { seed: 2_718, numRuns: 2_000 },
  );
});

Deno.test("rlpUint() refuses leading zeros, lists and integers past their bound", () => {
  assertEquals(rlpUint(uintToRlp(0n)), 0n);
  assertEquals(rlpUint(Uint8Array.of(1, 0)), 256n);
  assertEquals(rlpUint(new Uint8Array(8).fill(255), 8), (1n << 64n) - 1n);
  const refused = [
    () => rlpUint(Uint8Array.of(0)),
    () => rlpUint(Uint8Array.of(0, 1)),
    () => rlpUint([]),
    () => rlpUint(undefined),
    () => rlpUint(new Uint8Array(9).fill(255), 8),
    () => rlpUint(new Uint8Array(33).fill(255)),
  ];
  for (const act of refused) assertEquals(assertThrows(act, RollupError).code, "RLP_INVALID");
});

Deno.test("rlpList() and rlpBytes() hold kind and size", () => {
  assertEquals(rlpList([Uint8Array.of(1)], 1).length, 1);
  assertEquals(bytesToBigint(rlpBytes(Uint8Array.of(1, 2), 2)), 258n);
  const refused = [
    () => rlpList(Uint8Array.of(1)),
    () => rlpList(undefined),
    () => rlpList([], 1),
    () => rlpBytes([]),
    () => rlpBytes(undefined),
    () => rlpBytes(Uint8Array.of(1), 2),
  ];
  for (const act of refused) assertEquals(assertThrows(act, RollupError).code, "RLP_INVALID");
});
