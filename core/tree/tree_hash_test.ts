import { assertEquals, assertNotEquals } from "@std/assert";
import { createPoseidon2 } from "../crypto/poseidon2/poseidon2.ts";
import { createPoseidon2TreeHash, hashEmptySubtrees, LEAF_TAG } from "./tree_hash.ts";

const hash = createPoseidon2TreeHash();
const poseidon2 = createPoseidon2();

Deno.test("hashLeaves() follows the documented chain for every leaf of a long column", () => {
  const count = 1027;
  const keys = Uint8Array.from({ length: 32 * count }, (_, at) => at * 31 + (at >> 8));
  const values = Uint8Array.from({ length: 32 * count }, (_, at) => at * 17 + (at >> 7));
  const nexts = Uint32Array.from({ length: count }, (_, at) => 0xffff_fff0 - 65_537 * at);
  const digests = new Uint32Array(8 * count);
  hash.hashLeaves({ keys, values, nexts }, count, digests);
  for (const row of [0, 1, 5, 1023, 1024, 1026]) {
    const next = nexts[row] ?? 0;
    const key = halfWords(keys.subarray(32 * row, 32 * row + 32));
    const value = halfWords(values.subarray(32 * row, 32 * row + 32));
    let digest = [LEAF_TAG, Math.floor(next / 65_536), next % 65_536, 0, 0, 0, 0, 0];
    for (const block of [key.slice(0, 8), key.slice(8), value.slice(0, 8), value.slice(8)]) {
      digest = compress([...digest, ...block]);
    }
    assertEquals([...digests.slice(8 * row, 8 * row + 8)], digest);
  }
});

Deno.test("hashLeaves() keeps its rule: the digests of the guards stay what they are", () => {
  const keys = new Uint8Array(64).fill(0xff, 32);
  const digests = new Uint32Array(16);
  const nexts = Uint32Array.of(1, 1);
  hash.hashLeaves({ keys, values: new Uint8Array(64), nexts }, 2, digests);
  assertEquals(
    hash.digestToBytes(digests).toHex(),
    "7a5748e87c0b5bf55d338a1345a5619c1b2b7eb232e4cb855c00bd41478bed58",
  );
  assertEquals(
    hash.digestToBytes(digests, 8).toHex(),
    "6b25df4319cdb76476c049897def694229ce6a253ee23bd5457de6697648b018",
  );
});

Deno.test("hashEmptySubtrees() starts from eight zero words and compresses twins", () => {
  const empties = hashEmptySubtrees(hash, 32);
  assertEquals(empties.length, 8 * 33);
  assertEquals([...empties.slice(0, 8)], new Array(8).fill(0));
  for (let level = 0; level < 32; level++) {
    const twin = [...empties.slice(8 * level, 8 * level + 8)];
    assertEquals([...empties.slice(8 * level + 8, 8 * level + 16)], compress([...twin, ...twin]));
  }
});

Deno.test("hashLeaves() gives another digest when any byte or the next index changes", () => {
  const base = leafDigest(new Uint8Array(64), 0);
  for (let at = 0; at < 64; at++) {
    const fields = new Uint8Array(64);
    fields[at] = 1;
    assertNotEquals(leafDigest(fields, 0), base);
  }
  for (const next of [1, 0x1_0000, 0x8000_0000]) {
    assertNotEquals(leafDigest(new Uint8Array(64), next), base);
  }
});

function leafDigest(fields: Uint8Array, next: number): string {
  const digest = new Uint32Array(8);
  const [keys, values] = [fields.subarray(0, 32), fields.subarray(32)];
  hash.hashLeaves({ keys, values, nexts: Uint32Array.of(next) }, 1, digest);
  return hash.digestToBytes(digest).toHex();
}

function halfWords(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 2 }, (_, at) => view.getUint16(2 * at));
}

function compress(pair: readonly number[]): number[] {
  const digest = new Uint32Array(8);
  poseidon2.compressPairs(Uint32Array.from(pair), 1, digest);
  return [...digest];
}
