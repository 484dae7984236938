import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { equalBytes } from "../primitives/bytes.ts";
import { RollupError } from "../primitives/errors.ts";
import {
  createPoseidon2TreeHash,
  createStateTree,
  decodeTreeWitness,
  encodeTreeWitness,
  openPartialTree,
  openStateTree,
  type StateTree,
  type TreeWitness,
  type TreeWrite,
  ZERO_VALUE,
} from "./mod.ts";

const hash = createPoseidon2TreeHash();

const writes = fc.uniqueArray(fc.tuple(fc.nat(60), fc.nat(3)), {
  maxLength: 10,
  selector: ([key]) => key,
});

Deno.test("openPartialTree() acts as the full tree over random blocks", () => {
  const world = fc.record({
    before: fc.array(writes, { maxLength: 4 }),
    blocks: fc.array(writes, { maxLength: 4 }),
    reads: fc.uniqueArray(fc.nat(60), { maxLength: 6 }),
  });
  fc.assert(
    fc.property(world, ({ before, blocks, reads }) => {
      const tree = createStateTree(hash);
      for (const block of before) tree.applyWrites(toWrites(tree, block));
      const touched = new Set([...reads, ...blocks.flat().map(([key]) => key)]);
      const witness = tree.multiProof([...touched].map(toKey));
      const bytes = encodeTreeWitness(witness);
      assertEquals(decodeTreeWitness(bytes), witness);
      const partial = openPartialTree(hash, decodeTreeWitness(bytes), tree.root());
      assertEquals(partial.unusedEntries(), [...witness.leaves]);
      for (const block of blocks) {
        for (const key of reads.map(toKey)) assertEquals(partial.get(key), tree.get(key));
        const batch = toWrites(tree, block);
        assertEquals(partial.applyWrites(batch), tree.applyWrites(batch));
        assertEquals(partial.root(), tree.root());
        assertEquals(partial.leafCount(), tree.leafCount());
      }
      for (const key of [...touched].map(toKey)) assertEquals(partial.get(key), tree.get(key));
      assertEquals(partial.unusedEntries(), []);
    }),
    { seed: 4, numRuns: 150 },
  );
});

Deno.test("openPartialTree() appends across every power of 2", () => {
  for (let count = 0; count < 20; count++) {
    const tree = createTree(count);
    const fresh = Array.from({ length: 20 }, (_, at) => toKey(100 + at));
    const partial = openPartialTree(hash, tree.multiProof(fresh), tree.root());
    for (const key of fresh) {
      const batch = [{ key, value: toValue(1) }];
      assertEquals(partial.applyWrites(batch), tree.applyWrites(batch));
      assertEquals(partial.root(), tree.root());
    }
  }
});

Deno.test("openPartialTree() knows root and leaf count from a witness without keys", () => {
  const tree = createTree(9);
  const partial = openPartialTree(hash, tree.multiProof([]), tree.root());
  assertEquals(partial.leafCount(), 11);
  assertEquals(partial.root(), tree.root());
  assertCode("WITNESS_ENTRY_MISSING", () => partial.get(toKey(1)));
});

Deno.test("get() and applyWrites() throw for keys outside the witness and change nothing", () => {
  const tree = createTree(20);
  const partial = openPartialTree(hash, tree.multiProof([toKey(4), toKey(50)]), tree.root());
  for (const number of [3, 5, 12, 0]) {
    const error = assertCode("WITNESS_ENTRY_MISSING", () => partial.get(toKey(number)));
    assertEquals(error.details["key"], `0x${toKey(number).toHex()}`);
    const batch = [{ key: toKey(4), value: toValue(9) }, { key: toKey(number), value: toValue(9) }];
    assertCode("WITNESS_ENTRY_MISSING", () => partial.applyWrites(batch));
    assertEquals(partial.root(), tree.root());
    assertEquals(partial.get(toKey(4)), tree.get(toKey(4)));
  }
});

Deno.test("unusedEntries() lists what was given beyond need", () => {
  const tree = createTree(20);
  const partial = openPartialTree(hash, tree.multiProof([4, 9, 50].map(toKey)), tree.root());
  const unusedNumbers = () => partial.unusedEntries().map(({ key }) => key[0]);
  assertEquals(unusedNumbers().toSorted(), [255, 4, 9, 19].toSorted());
  partial.get(toKey(4));
  assertEquals(unusedNumbers().toSorted(), [255, 9, 19].toSorted());
  partial.applyWrites([{ key: toKey(50), value: toValue(1) }]);
  assertEquals(unusedNumbers(), [9]);
  partial.applyWrites([{ key: toKey(9), value: toValue(1) }]);
  assertEquals(unusedNumbers(), []);
});

Deno.test("openPartialTree() refuses a witness that lacks or repeats any entry or node", () => {
  const tree = createTree(37);
  const witness = tree.multiProof([toKey(4), toKey(20), toKey(90)]);
  const root = tree.root();
  openPartialTree(hash, witness, root);
  const { leaves, siblings } = witness;
  const refuse = (changed: Partial<TreeWitness>): void => {
    assertRefused({ ...witness, ...changed }, root);
  };
  siblings.forEach((sibling, at) => {
    refuse({ siblings: siblings.toSpliced(at, 1) });
    refuse({ siblings: siblings.toSpliced(at, 0, sibling) });
    const other = siblings[(at + 1) % siblings.length] ?? sibling;
    refuse({ siblings: siblings.with(at, other) });
    refuse({ siblings: siblings.with(at, new Uint8Array(32)) });
  });
  leaves.forEach((leaf, at) => {
    refuse({ leaves: leaves.toSpliced(at, 1) });
    refuse({ leaves: leaves.toSpliced(at, 0, leaf) });
    refuse({ leaves: leaves.toReversed() });
  });
  for (let index = 0; index < tree.leafCount(); index++) {
    if (leaves.some((leaf) => leaf.index === index)) continue;
    const more = [...leaves, tree.leafAt(index)].sort((left, right) => left.index - right.index);
    refuse({ leaves: more });
  }
});

Deno.test("openPartialTree() refuses every other leaf count, with as many nodes as it then needs", () => {
  for (const count of [0, 1, 5, 14, 29, 30, 31]) {
    const tree = createTree(count);
    const honest = tree.multiProof([]);
    for (let leafCount = 2; leafCount < 80; leafCount++) {
      if (leafCount === tree.leafCount()) continue;
      const claim = createTree(leafCount - 2).multiProof([]);
      // The nodes of a tree of that size, and the honest ones as far as they go.
      for (const nodes of [claim.siblings, [...honest.siblings, ...claim.siblings]]) {
        const siblings = nodes.slice(0, claim.siblings.length);
        assertRefused({ leafCount, leaves: [], siblings }, tree.root());
      }
      // A digest of zero at the last index would stand for a leaf that is not there.
      const empty = claim.siblings.with(0, new Uint8Array(32));
      assertRefused({ leafCount, leaves: [], siblings: empty }, tree.root());
    }
  }
});

Deno.test("openPartialTree() refuses an empty last leaf although the root is right", () => {
  // Four leaves: the tree of five with an empty fifth has the same root.
  const tree = createTree(2);
  const [third, fourth] = [tree.prove(toKey(0)), tree.prove(toKey(1))];
  if (third.kind !== "presence" || fourth.kind !== "presence") throw new Error("both are there");
  const rightPair = hashPair(fourth.entry.siblings[0], third.entry.siblings[0]);
  const firstFour = hashPair(third.entry.siblings[1], rightPair);
  const witness = { leafCount: 5, leaves: [], siblings: [new Uint8Array(32), firstFour] };
  assertCode("WITNESS_MALFORMED", () => openPartialTree(hash, witness, tree.root()));
});

Deno.test("openPartialTree() refuses any byte flipped in the encoded witness", () => {
  const tree = createTree(11);
  const bytes = encodeTreeWitness(tree.multiProof([toKey(4), toKey(90)]));
  const root = tree.root();
  openPartialTree(hash, decodeTreeWitness(bytes), root);
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [0x01, 0x80]) {
      const flipped = bytes.with(at, (bytes[at] ?? 0) ^ bit);
      const error = assertThrows(
        () => openPartialTree(hash, decodeTreeWitness(flipped), root),
        RollupError,
        undefined,
        `byte ${at}`,
      );
      assert(["WITNESS_MALFORMED", "WITNESS_ROOT_MISMATCH"].includes(error.code), error.code);
    }
  }
});

Deno.test("decodeTreeWitness() refuses every truncation and anything that follows", () => {
  const tree = createTree(6);
  const bytes = encodeTreeWitness(tree.multiProof([toKey(2)]));
  for (let size = 0; size < bytes.length; size++) {
    assertCode("WITNESS_MALFORMED", () => decodeTreeWitness(bytes.subarray(0, size)));
  }
  for (const extra of [1, 32, 72]) {
    const longer = new Uint8Array(bytes.length + extra);
    longer.set(bytes);
    assertCode("WITNESS_MALFORMED", () => decodeTreeWitness(longer));
  }
});

Deno.test("openPartialTree() refuses a digest word of p or more", () => {
  const tree = createTree(11);
  const witness = tree.multiProof([toKey(4)]);
  witness.siblings.forEach((sibling, at) => {
    const words = new DataView(sibling.slice().buffer);
    words.setUint32(28, words.getUint32(28) + 0x7f000001);
    const siblings = witness.siblings.with(at, new Uint8Array(words.buffer));
    const changed = { ...witness, siblings };
    assertCode("WITNESS_MALFORMED", () => openPartialTree(hash, changed, tree.root()));
  });
});

Deno.test("multiProof() gives the nodes that a count by hand gives, each once", () => {
  // Of 202 leaves, 2 to 51 and the last, 201, are tied in. By hand, as level and index, that needs
  // 0:201 0:200 1:0 2:13 3:7 3:24 6:1 6:2.
  const tree = createTree(200);
  const witness = tree.multiProof(Array.from({ length: 50 }, (_, at) => toKey(at)));
  assertEquals(
    witness.leaves.map(({ index }) => index),
    Array.from({ length: 50 }, (_, at) => at + 2),
  );
  assertEquals(new Set(witness.siblings.map((digest) => digest.toHex())).size, 8);
  assertEquals(witness.siblings.length, 8);
});

function hashPair(left: Uint8Array | undefined, right: Uint8Array | undefined): Uint8Array {
  const digest = new Uint32Array(8);
  const words = [left, right].flatMap((bytes) => [
    ...hash.digestFromBytes(bytes ?? new Uint8Array(0)) ?? [],
  ]);
  hash.hashPairs(Uint32Array.from(words), 1, digest);
  return hash.digestToBytes(digest);
}

function assertCode(code: string, run: () => unknown): RollupError {
  const error = assertThrows(run, RollupError);
  assertEquals(error.code, code);
  return error;
}

function assertRefused(witness: TreeWitness, root: Uint8Array): void {
  const error = assertThrows(() => openPartialTree(hash, witness, root), RollupError);
  assert(["WITNESS_MALFORMED", "WITNESS_ROOT_MISMATCH"].includes(error.code), error.code);
}

/** A tree whose leaf `2 + n` has key number `n`. */
function createTree(count: number): StateTree {
  const leaves = Array.from(
    { length: count },
    (_, at) => ({ key: toKey(at), value: toValue(at + 1) }),
  );
  return openStateTree(hash, leaves);
}

function toWrites(tree: StateTree, numbers: readonly (readonly [number, number])[]): TreeWrite[] {
  return numbers
    .map(([key, value]) => ({ key: toKey(key), value: value === 0 ? ZERO_VALUE : toValue(value) }))
    .filter(({ key, value }) => tree.get(key) !== undefined || !equalBytes(value, ZERO_VALUE));
}

function toKey(number: number): Uint8Array {
  const key = new Uint8Array(32);
  key[0] = number;
  key[31] = 1;
  return key;
}

function toValue(number: number): Uint8Array {
  return new Uint8Array(32).fill(number % 256, 30);
}

Deno.test("openPartialTree() refuses links that go back, in a circle or to themselves", () => {
  const tree = createStateTree(hash);
  const keys = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte));
  tree.applyWrites(keys.map((key) => ({ key, value: key })));
  const witness = tree.multiProof(keys);
  const [first] = witness.leaves;
  assert(first !== undefined);
  for (const from of witness.leaves.slice(1, -1)) {
    for (const to of witness.leaves.slice(0, witness.leaves.indexOf(from) + 1)) {
      const leaves = witness.leaves.map((leaf) =>
        leaf === from ? { ...leaf, nextIndex: to.index } : leaf
      );
      const error = assertThrows(
        () => openPartialTree(hash, { ...witness, leaves }, tree.root()),
        RollupError,
      );
      assertEquals(error.code, "WITNESS_MALFORMED");
    }
  }
});
