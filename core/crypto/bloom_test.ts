import { assertEquals } from "@std/assert";
import { addToBloom, BLOOM_SIZE_BYTES, bloomMayContain } from "./bloom.ts";
import { keccak256 } from "./keccak.ts";

const text = (value: string) => new TextEncoder().encode(value);

Deno.test("addToBloom() gives the filter that go-ethereum's own test expects of 100 entries", () => {
  const bloom = new Uint8Array(BLOOM_SIZE_BYTES);
  for (let index = 0; index < 100; index++) {
    addToBloom(bloom, text(`xxxxxxxxxx data ${index} yyyyyyyyyyyyyy`));
  }
  assertEquals<string>(
    keccak256(bloom),
    "0xc8d3ca65cdb4874300a9e39475508f23ed6da09fdbc487f89a2dcf50b09eb263",
  );
});

Deno.test("bloomMayContain() finds what was added and not what was not", () => {
  const bloom = new Uint8Array(BLOOM_SIZE_BYTES);
  for (const word of ["testtest", "test", "hallo", "other"]) addToBloom(bloom, text(word));
  for (const word of ["testtest", "test", "hallo", "other"]) {
    assertEquals(bloomMayContain(bloom, text(word)), true);
  }
  for (const word of ["tes", "lo"]) assertEquals(bloomMayContain(bloom, text(word)), false);
  assertEquals(bloomMayContain(new Uint8Array(BLOOM_SIZE_BYTES), text("test")), false);
});

Deno.test("addToBloom() sets at most three bits and is idempotent", () => {
  const bloom = new Uint8Array(BLOOM_SIZE_BYTES);
  addToBloom(bloom, text("test"));
  const once = bloom.slice();
  addToBloom(bloom, text("test"));
  assertEquals(bloom, once);
  const bits = [...bloom].map((byte) => byte.toString(2).replaceAll("0", "").length);
  assertEquals(bits.reduce((sum, count) => sum + count, 0), 3);
});
