import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { compareBytes, concatBytes, equalBytes } from "../primitives/bytes.ts";
import { AssertionError, RollupError } from "../primitives/errors.ts";
import {
  createPoseidon2TreeHash,
  createStateTree,
  FIRST_KEY,
  LAST_KEY,
  type LeafUpdate,
  openStateTree,
  type StateTree,
  type TreeWrite,
  ZERO_VALUE,
} from "./mod.ts";

const hash = createPoseidon2TreeHash();

/** Writes of one batch, by small numbers: key number to value number; a value of 0 clears. */
const batch = fc.uniqueArray(fc.tuple(fc.nat(40), fc.nat(3)), {
  maxLength: 12,
  selector: ([key]) => key,
});
const step = fc.oneof(
  { weight: 3, arbitrary: batch },
  { weight: 1, arbitrary: fc.constant("revert" as const) },
);

Deno.test("createStateTree() has the two guards and nothing else", () => {
  const tree = createStateTree(hash);
  assertEquals(tree.leafCount(), 2);
  assertEquals(tree.leafAt(0), { index: 0, key: FIRST_KEY, value: ZERO_VALUE, nextIndex: 1 });
  assertEquals(tree.leafAt(1), { index: 1, key: LAST_KEY, value: ZERO_VALUE, nextIndex: 1 });
  assertEquals(tree.root(), naiveRoot([]));
  assertEquals(
    tree.root().toHex(),
    "1aeb30fc49db71b1651332bc2149545e1b2df90c38447d641c792ec054408991",
  );
});

Deno.test("applyWrites() and revertWrites() give the roots of a naive tree", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const tree = createStateTree(hash);
      const model: TreeWrite[] = [];
      const undo: { updates: LeafUpdate[]; model: TreeWrite[]; root: Uint8Array }[] = [];
      for (const current of steps) {
        if (current === "revert") {
          const last = undo.pop();
          if (last === undefined) continue;
          tree.revertWrites(last.updates);
          model.splice(0, model.length, ...last.model);
          assertEquals(tree.root(), last.root);
        } else {
          const writes = toWrites(current, (key) => tree.indexOf(key) !== undefined);
          undo.push({ updates: [], model: [...model], root: tree.root() });
          undo.at(-1)?.updates.push(...tree.applyWrites(writes));
          for (const write of writes) applyPlainly(model, write);
        }
        assertEquals(tree.leafCount(), 2 + model.length);
        assertEquals(tree.root(), naiveRoot(model));
        for (let number = 0; number <= 40; number++) {
          const key = numberToKey(number);
          const found = model.findIndex((leaf) => equalBytes(leaf.key, key));
          assertEquals(tree.get(key), found < 0 ? undefined : model[found]?.value);
          assertEquals(tree.indexOf(key), found < 0 ? undefined : 2 + found);
        }
      }
      assertEquals(openStateTree(hash, model).root(), tree.root());
    }),
    { seed: 3, numRuns: 60 },
  );
});

Deno.test("applyWrites() answers one update a write, in the caller's order", () => {
  const tree = createStateTree(hash);
  tree.applyWrites([{ key: numberToKey(9), value: numberToValue(1) }]);
  const writes = [30, 9, 4].map((key) => ({ key: numberToKey(key), value: numberToValue(key) }));
  const updates = tree.applyWrites(writes);
  assertEquals(updates.map(({ index, isNew }) => [index, isNew]), [[3, true], [2, false], [
    4,
    true,
  ]]);
  assertEquals(updates.map(({ oldValue }) => oldValue), [
    ZERO_VALUE,
    numberToValue(1),
    ZERO_VALUE,
  ]);
  assertEquals(updates.map(({ key, value }) => ({ key, value })), writes);
});

Deno.test("applyWrites() links new leaves in the order of keys", () => {
  const tree = createStateTree(hash);
  tree.applyWrites([7, 3, 5].map((key) => ({ key: numberToKey(key), value: numberToValue(1) })));
  assertEquals([0, 1, 2, 3, 4].map((index) => tree.leafAt(index).nextIndex), [3, 1, 1, 4, 2]);
});

Deno.test("applyWrites() keeps the leaf of a key that is cleared", () => {
  const tree = createStateTree(hash);
  const key = numberToKey(5);
  tree.applyWrites([{ key, value: numberToValue(1) }]);
  tree.applyWrites([{ key, value: ZERO_VALUE }]);
  assertEquals(tree.get(key), ZERO_VALUE);
  assertEquals(tree.indexOf(key), 2);
  assertEquals(tree.leafCount(), 3);
});

Deno.test("applyWrites() of no writes changes nothing", () => {
  const tree = createStateTree(hash);
  const root = tree.root();
  assertEquals(tree.applyWrites([]), []);
  tree.revertWrites([]);
  assertEquals(tree.root(), root);
});

Deno.test("applyWrites() refuses clearing an absent key, guards, repeats and short fields", () => {
  const tree = createStateTree(hash);
  const [root, value] = [tree.root(), numberToValue(1)];
  const good = { key: numberToKey(1), value };
  const refused: TreeWrite[][] = [
    [good, { key: numberToKey(2), value: ZERO_VALUE }],
    [good, good],
    [good, { key: FIRST_KEY, value }],
    [good, { key: LAST_KEY, value }],
    [good, { key: new Uint8Array(31), value }],
    [good, { key: numberToKey(2), value: new Uint8Array(33).fill(1) }],
  ];
  for (const writes of refused) {
    assertThrows(() => tree.applyWrites(writes), AssertionError);
    assertEquals(tree.root(), root);
    assertEquals(tree.leafCount(), 2);
  }
});

Deno.test("revertWrites() refuses batches out of order", () => {
  const tree = createStateTree(hash);
  const first = tree.applyWrites([{ key: numberToKey(1), value: numberToValue(1) }]);
  const second = tree.applyWrites([{ key: numberToKey(1), value: numberToValue(2) }]);
  tree.applyWrites([{ key: numberToKey(2), value: numberToValue(2) }]);
  assertThrows(() => tree.revertWrites(first), AssertionError);
  tree.revertWrites(second);
  assertThrows(() => tree.revertWrites(first), AssertionError);
});

Deno.test("applyWrites() keeps no hold of the caller's arrays", () => {
  const tree = createStateTree(hash);
  const [key, value] = [numberToKey(1), numberToValue(1)];
  const updates = tree.applyWrites([{ key, value }]);
  const root = tree.root();
  key.fill(9);
  value.fill(9);
  tree.get(numberToKey(1))?.fill(9);
  assertEquals(tree.get(numberToKey(1)), numberToValue(1));
  assertEquals(updates[0]?.key, numberToKey(1));
  tree.applyWrites([{ key: numberToKey(2), value: numberToValue(2) }]);
  assertNotEquals(tree.root(), root);
});

Deno.test("openStateTree() gives the tree that writes gave, at every size around a power of 2", () => {
  const tree = createStateTree(hash);
  const leaves: TreeWrite[] = [];
  for (let number = 0; number < 70; number++) {
    const write = { key: numberToKey((number * 37) % 70), value: numberToValue(number + 1) };
    tree.applyWrites([write]);
    leaves.push(write);
    assertEquals(openStateTree(hash, leaves).root(), tree.root());
  }
});

Deno.test("openStateTree() goes on as the tree that it replaces", () => {
  const scattered = Array.from({ length: 3000 }, (_, number) => scatteredWrite(number));
  const tree = createStateTree(hash);
  tree.applyWrites(scattered.slice(0, 2000));
  const reopened = openStateTree(hash, scattered.slice(0, 2000));
  assertEquals(reopened.root(), tree.root());
  const [left, right] = [tree, reopened].map((each) => each.applyWrites(scattered.slice(1500)));
  assertEquals(left, right);
  assertEquals(reopened.root(), tree.root());
  assertEquals(leavesOf(reopened), leavesOf(tree));
});

Deno.test("openStateTree() refuses leaves that repeat a key, a guard's included, or are short", () => {
  const write = { key: numberToKey(1), value: numberToValue(1) };
  const refused: TreeWrite[][] = [
    [write, { key: numberToKey(2), value: ZERO_VALUE }, write],
    [{ key: FIRST_KEY, value: ZERO_VALUE }],
    [write, { key: LAST_KEY, value: numberToValue(1) }],
    [{ key: new Uint8Array(31), value: numberToValue(1) }],
    [{ key: numberToKey(1), value: new Uint8Array(0) }],
  ];
  for (const leaves of refused) {
    const error = assertThrows(() => openStateTree(hash, leaves), RollupError);
    assertEquals(error.code, "TREE_LEAVES_INVALID");
  }
});

function toWrites(
  numbers: readonly (readonly [number, number])[],
  has: (key: Uint8Array) => boolean,
): TreeWrite[] {
  return numbers
    .map(([key, value]) => ({ key: numberToKey(key), value: numberToValue(value) }))
    .filter(({ key, value }) => has(key) || !equalBytes(value, ZERO_VALUE));
}

function applyPlainly(model: TreeWrite[], write: TreeWrite): void {
  const at = model.findIndex((leaf) => equalBytes(leaf.key, write.key));
  if (at < 0) model.push(write);
  else model[at] = write;
}

/** The root by the definition: every leaf linked by sorting, hashed one by one, level by level. */
function naiveRoot(model: readonly TreeWrite[]): Uint8Array {
  const leaves = [
    { key: FIRST_KEY, value: ZERO_VALUE },
    { key: LAST_KEY, value: ZERO_VALUE },
    ...model,
  ];
  const sorted = leaves.toSorted((left, right) => compareBytes(left.key, right.key));
  let level = leaves.map((leaf) => {
    const after = sorted[sorted.indexOf(leaf) + 1] ?? leaf;
    const digest = new Uint32Array(8);
    const nexts = Uint32Array.of(leaves.indexOf(after));
    hash.hashLeaves({ keys: leaf.key, values: leaf.value, nexts }, 1, digest);
    return digest;
  });
  let empty = new Uint32Array(8);
  for (let depth = 0; depth < 32; depth++) {
    const parents: Uint32Array<ArrayBuffer>[] = [];
    for (let at = 0; at < level.length; at += 2) {
      parents.push(naiveParent(level[at] ?? empty, level[at + 1] ?? empty));
    }
    level = parents;
    empty = naiveParent(empty, empty);
  }
  return hash.digestToBytes(level[0] ?? empty);
}

function naiveParent(left: Uint32Array, right: Uint32Array): Uint32Array<ArrayBuffer> {
  const digest = new Uint32Array(8);
  hash.hashPairs(Uint32Array.from([...left, ...right]), 1, digest);
  return digest;
}

function leavesOf(tree: StateTree): Uint8Array {
  const leaves = Array.from({ length: tree.leafCount() }, (_, index) => tree.leafAt(index));
  return concatBytes(
    ...leaves.map(({ key, value, nextIndex }) =>
      concatBytes(key, value, Uint8Array.of(nextIndex >> 8, nextIndex))
    ),
  );
}

/** Not a guard, ascending with the number, many sharing their first bytes. */
function numberToKey(number: number): Uint8Array {
  const key = new Uint8Array(32);
  key[0] = 1 + (number >> 3);
  key[31] = number & 7;
  return key;
}

function numberToValue(number: number): Uint8Array {
  const value = new Uint8Array(32);
  value[31] = number;
  return value;
}

function scatteredWrite(number: number): TreeWrite {
  const key = new Uint8Array(32);
  const view = new DataView(key.buffer);
  view.setUint32(0, Math.imul(number + 1, 0x9e3779b1) >>> 0);
  view.setUint32(28, number);
  assert(!equalBytes(key, FIRST_KEY));
  return { key, value: numberToValue(1 + (number % 255)) };
}
