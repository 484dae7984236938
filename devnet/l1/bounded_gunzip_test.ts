import { assert, assertEquals, assertRejects } from "@std/assert";
import { gunzipBounded } from "./bounded_gunzip.ts";

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
}

Deno.test("gunzipBounded() gives the bytes back, also those of many pieces", async () => {
  const noise = new Uint8Array(200_000).map((_, index) => (index * index * 31) >> 3);
  for (const bytes of [new Uint8Array(0), Uint8Array.of(7), noise]) {
    assertEquals(await gunzipBounded(await gzip(bytes)), bytes);
  }
});

Deno.test("gunzipBounded() stops at its bounds", async () => {
  const zeros = await gzip(new Uint8Array(1_000_000));
  const bounds = { maxBytes: 2_000_000, maxRatio: 100, freeBytes: 1_000_000 };
  assertEquals((await gunzipBounded(zeros, bounds)).length, 1_000_000);
  await assertRejects(() => gunzipBounded(zeros, { ...bounds, freeBytes: 999_999 }), RangeError);
  await assertRejects(() => gunzipBounded(zeros, { ...bounds, maxBytes: 999_999 }), RangeError);
});

Deno.test("gunzipBounded() refuses a bomb long before it is unpacked", async () => {
  const bomb = await gzip(new Uint8Array(64_000_000));
  assert(bomb.length < 100_000);
  await assertRejects(() => gunzipBounded(bomb), RangeError, "16000000");
});

Deno.test("gunzipBounded() refuses what is no gzip", async () => {
  await assertRejects(() => gunzipBounded(Uint8Array.of(0x1f, 0x8b, 1)), TypeError);
  await assertRejects(() => gunzipBounded(new Uint8Array(0)), TypeError);
});
