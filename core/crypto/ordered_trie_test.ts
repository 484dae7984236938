import { assertEquals, assertNotEquals } from "@std/assert";
import { encodeRlp } from "../primitives/rlp.ts";
import { keccak256, keccak256Bytes } from "./keccak.ts";
import { orderedTrieRoot } from "./ordered_trie.ts";

Deno.test("orderedTrieRoot() of nothing is the root of the empty trie", () => {
  assertEquals<string>(
    orderedTrieRoot([]),
    "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
  );
});

Deno.test("orderedTrieRoot() of one item is the hash of its leaf under the key 0x80", () => {
  const value = new Uint8Array(40).fill(7);
  assertEquals(orderedTrieRoot([value]), keccak256(encodeRlp([Uint8Array.of(0x20, 0x80), value])));
});

Deno.test("orderedTrieRoot() of two items is a branch over the keys 0x80 and 0x01", () => {
  const none = new Uint8Array(0);
  const [zeroth, first] = [new Uint8Array(40).fill(1), new Uint8Array(40).fill(2)];
  // Below the branch one nibble of each key is left: an odd leaf path, 0x30 + nibble.
  const leaf = (nibble: number, value: Uint8Array) =>
    keccak256Bytes(encodeRlp([Uint8Array.of(0x30 + nibble), value]));
  const children = Array<Uint8Array>(17).fill(none);
  children[8] = leaf(0, zeroth);
  children[0] = leaf(1, first);
  assertEquals(orderedTrieRoot([zeroth, first]), keccak256(encodeRlp(children)));
});

Deno.test("orderedTrieRoot() places nodes shorter than a hash in their parent", () => {
  const none = new Uint8Array(0);
  const [zeroth, first] = [Uint8Array.of(1), Uint8Array.of(2)];
  const children = Array<Uint8Array | Uint8Array[]>(17).fill(none);
  children[8] = [Uint8Array.of(0x30), zeroth];
  children[0] = [Uint8Array.of(0x31), first];
  assertEquals(orderedTrieRoot([zeroth, first]), keccak256(encodeRlp(children)));
});

Deno.test("orderedTrieRoot() changes with order and with any item", () => {
  const items = Array.from({ length: 130 }, (_, index) => new Uint8Array(33).fill(index));
  const root = orderedTrieRoot(items);
  assertNotEquals(orderedTrieRoot(items.toReversed()), root);
  assertNotEquals(orderedTrieRoot(items.slice(0, -1)), root);
  assertNotEquals(orderedTrieRoot(items.with(129, new Uint8Array(33))), root);
});
