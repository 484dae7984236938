import { assertEquals, assertThrows } from "@std/assert";
import { RollupError } from "../primitives/errors.ts";
import {
  createPoseidon2TreeHash,
  createStateTree,
  FIRST_KEY,
  LAST_KEY,
  type LeafProof,
  type TreeProof,
  verifyProof,
} from "./mod.ts";

const hash = createPoseidon2TreeHash();
const tree = createStateTree(hash);
tree.applyWrites([9, 3, 6, 12, 1].map((key) => ({ key: toKey(key), value: toKey(key + 100) })));
const root = tree.root();

Deno.test("verifyProof() accepts the value of every key, guards included", () => {
  for (const key of [9, 3, 6, 12, 1].map(toKey)) {
    const value = tree.get(key);
    assertEquals(verifyProof(hash, tree.prove(key), { root, key }), { kind: "present", value });
  }
  for (const key of [FIRST_KEY, LAST_KEY]) {
    const shown = verifyProof(hash, tree.prove(key), { root, key });
    assertEquals(shown, { kind: "present", value: new Uint8Array(32) });
  }
});

Deno.test("verifyProof() accepts the absence of keys before, between and after all leaves", () => {
  for (const key of [0, 2, 4, 5, 10, 13, 255].map(toKey)) {
    const proof = tree.prove(key);
    assertEquals(proof.kind, "absence");
    assertEquals(verifyProof(hash, proof, { root, key }), { kind: "absent" });
  }
});

Deno.test("verifyProof() refuses a presence proof in which any byte is flipped", () => {
  const key = toKey(6);
  const proof = tree.prove(key);
  for (const mutant of mutateProof(proof)) assertRefused(mutant, key);
});

Deno.test("verifyProof() refuses an absence proof in which any byte is flipped", () => {
  const key = toKey(7);
  const proof = tree.prove(key);
  for (const mutant of mutateProof(proof)) assertRefused(mutant, key);
});

Deno.test("verifyProof() refuses another root, another key, and keys of other sizes", () => {
  const [present, absent] = [tree.prove(toKey(6)), tree.prove(toKey(7))];
  for (let at = 0; at < 32; at++) {
    const claimed = flip(root, at);
    assertThrows(() => verifyProof(hash, present, { root: claimed, key: toKey(6) }), RollupError);
    assertThrows(() => verifyProof(hash, absent, { root: claimed, key: toKey(7) }), RollupError);
  }
  for (const key of [3, 7, 9].map(toKey)) assertRefused(present, key);
  for (const key of [6, 9, 5, 10].map(toKey)) assertRefused(absent, key);
  assertRefused(present, toKey(6).subarray(0, 31));
  assertRefused(absent, new Uint8Array(33).fill(7));
});

Deno.test("verifyProof() refuses absence between leaves that are not linked", () => {
  const [low, next] = [tree.prove(toKey(3)), tree.prove(toKey(9))];
  if (low.kind !== "presence" || next.kind !== "presence") throw new Error("both keys are there");
  const key = toKey(6);
  assertRefused({ kind: "absence", low: low.entry, next: next.entry }, key);
});

Deno.test("verifyProof() refuses a digest that is not in canonical form", () => {
  const key = toKey(6);
  const proof = tree.prove(key);
  if (proof.kind !== "presence") throw new Error("the key is there");
  // The empty leaf's zero word may also be written as p, which stands for the same element.
  const siblings = proof.entry.siblings.map((sibling) => {
    const words = new DataView(sibling.slice().buffer);
    words.setUint32(0, words.getUint32(0) + 0x7f000001);
    return new Uint8Array(words.buffer);
  });
  for (let level = 0; level < 32; level++) {
    const mixed = proof.entry.siblings.with(level, siblings[level] ?? key);
    assertRefused({ kind: "presence", entry: { ...proof.entry, siblings: mixed } }, key);
  }
});

function assertRefused(proof: TreeProof, key: Uint8Array): void {
  const error = assertThrows(() => verifyProof(hash, proof, { root, key }), RollupError);
  assertEquals(error.code, "PROOF_INVALID");
}

function mutateProof(proof: TreeProof): TreeProof[] {
  if (proof.kind === "presence") {
    return mutateEntry(proof.entry).map((entry) => ({ ...proof, entry }));
  }
  return [
    ...mutateEntry(proof.low).map((low) => ({ ...proof, low })),
    ...mutateEntry(proof.next).map((next) => ({ ...proof, next })),
    { ...proof, low: proof.next, next: proof.low },
  ];
}

function mutateEntry(entry: LeafProof): LeafProof[] {
  const { leaf, siblings } = entry;
  const mutants: LeafProof[] = [];
  for (let at = 0; at < 32; at++) {
    mutants.push({ ...entry, leaf: { ...leaf, key: flip(leaf.key, at) } });
    mutants.push({ ...entry, leaf: { ...leaf, value: flip(leaf.value, at) } });
    for (const [level, sibling] of siblings.entries()) {
      mutants.push({ ...entry, siblings: siblings.with(level, flip(sibling, at)) });
    }
    mutants.push({ ...entry, leaf: { ...leaf, index: (leaf.index ^ (1 << at)) >>> 0 } });
    mutants.push({ ...entry, leaf: { ...leaf, nextIndex: (leaf.nextIndex ^ (1 << at)) >>> 0 } });
  }
  mutants.push({ ...entry, leaf: { ...leaf, index: -1 } });
  mutants.push({ ...entry, leaf: { ...leaf, index: leaf.index + 0.5 } });
  mutants.push({ ...entry, leaf: { ...leaf, index: leaf.index + 2 ** 32 } });
  mutants.push({ ...entry, leaf: { ...leaf, nextIndex: leaf.nextIndex + 2 ** 32 } });
  mutants.push({ ...entry, leaf: { ...leaf, value: leaf.value.subarray(0, 31) } });
  mutants.push({ ...entry, siblings: siblings.slice(0, 31) });
  mutants.push({ ...entry, siblings: [...siblings, new Uint8Array(32)] });
  mutants.push({ ...entry, siblings: siblings.with(3, new Uint8Array(31)) });
  return mutants;
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, (bytes[at] ?? 0) ^ 1);
}

/** A key, or a value, that starts with `number` and ends with a byte other than zero. */
function toKey(number: number): Uint8Array {
  const key = new Uint8Array(32);
  key[0] = number;
  key[31] = 1;
  return key;
}
