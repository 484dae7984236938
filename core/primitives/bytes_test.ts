import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  allocateBytes,
  bigintToBytes,
  bigintToMinimalBytes,
  ByteReader,
  bytesToBigint,
  compareBytes,
  concatBytes,
  copyBytes,
  equalBytes,
  joinBytes,
  ownBytes,
} from "./bytes.ts";
import { AssertionError, RollupError } from "./errors.ts";

const SEED = 1_559;

Deno.test("concatBytes() joins parts in order into fresh bytes", () => {
  const part = Uint8Array.of(1, 2);
  const joined = concatBytes(part, new Uint8Array(0), Uint8Array.of(3));
  assertEquals(joined, Uint8Array.of(1, 2, 3));
  part[0] = 9;
  assertEquals(joined[0], 1);
  assertEquals(concatBytes(), new Uint8Array(0));
});

Deno.test("joinBytes() joins more parts than a call takes arguments", () => {
  const parts = Array<Uint8Array>(300_000).fill(Uint8Array.of(7));
  assertEquals(joinBytes(parts).length, 300_000);
});

Deno.test("compareBytes() orders lexicographically, a prefix first", () => {
  const sorted = [[], [0], [0, 255], [1], [1, 0], [2], [255]].map((bytes) =>
    Uint8Array.from(bytes)
  );
  for (const [leftAt, left] of sorted.entries()) {
    for (const [rightAt, right] of sorted.entries()) {
      assertEquals(Math.sign(compareBytes(left, right)), Math.sign(leftAt - rightAt));
      assertEquals(equalBytes(left, right), leftAt === rightAt);
    }
  }
});

Deno.test("bigintToBytes() pads to its size and refuses what does not fit", () => {
  assertEquals(bigintToBytes(0x0102n, 4), Uint8Array.of(0, 0, 1, 2));
  assertEquals(bigintToBytes(0xffffffffn, 4), Uint8Array.of(255, 255, 255, 255));
  assertThrows(() => bigintToBytes(1n << 32n, 4), AssertionError);
  assertThrows(() => bigintToBytes(-1n, 4), AssertionError);
});

Deno.test("bytesToBigint() inverts both writers of integers", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n }), (value) => {
      assertEquals(bytesToBigint(bigintToBytes(value, 32)), value);
      const minimal = bigintToMinimalBytes(value);
      assertEquals(bytesToBigint(minimal), value);
      assertEquals(minimal[0] === 0, false);
    }),
    { seed: SEED, examples: [[0n], [1n], [0x7fn], [0x80n], [0x0100n]] },
  );
  assertEquals(bigintToMinimalBytes(0n), new Uint8Array(0));
  assertThrows(() => bigintToMinimalBytes(-1n), AssertionError);
});

Deno.test("ByteReader reads from front to back and stops at the end", () => {
  const reader = new ByteReader(Uint8Array.of(1, 0, 2, 9, 8));
  assertEquals([reader.peek(), reader.remainingBytes()], [1, 5]);
  assertEquals(reader.takeUint(1), 1n);
  assertEquals(reader.takeLength(2), 2);
  const error = assertThrows(() => reader.take(3), RollupError);
  assertEquals(error.code, "BYTES_TRUNCATED");
  assertEquals(error.details, { sizeBytes: 3, offset: 3, totalBytes: 5 });
  assertEquals(reader.take(2), Uint8Array.of(9, 8));
  assertEquals([reader.peek(), reader.remainingBytes()], [-1, 0]);
  assertEquals(reader.take(0), new Uint8Array(0));
});

Deno.test("ByteReader.take() gives bytes of their own", () => {
  const source = Uint8Array.of(1, 2);
  const taken = new ByteReader(source).take(2);
  source.fill(0);
  assertEquals(taken, Uint8Array.of(1, 2));
});

Deno.test("allocateBytes() gives zeros that nothing else sees, small or large", () => {
  const all = Array.from({ length: 400 }, (_, index) => allocateBytes(7 * index % 600));
  for (const [index, bytes] of all.entries()) {
    assertEquals(bytes.length, 7 * index % 600);
    assertEquals(bytes.every((byte) => byte === 0), true);
    bytes.fill(1 + index % 255);
  }
  for (const [index, bytes] of all.entries()) {
    assertEquals(bytes.every((byte) => byte === 1 + index % 255), true);
  }
});

Deno.test("copyBytes() copies like slice() with bounds that are not negative", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.nat({ max: 250 }),
      fc.nat({ max: 250 }),
      (bytes, start, end) => {
        const copy = copyBytes(bytes, start, end);
        assertEquals(copy, bytes.slice(start, end));
        copy.fill(0xee);
        assertEquals(copyBytes(bytes), bytes);
      },
    ),
    { seed: SEED },
  );
});

Deno.test("ownBytes() copies only what shares its buffer", () => {
  const whole = new Uint8Array(3);
  assertStrictEquals(ownBytes(whole), whole);
  const own = ownBytes(whole.subarray(1));
  assertEquals(own.length, 2);
  assertEquals(own.buffer.byteLength, 2);
});
