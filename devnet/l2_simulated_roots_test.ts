import { assertEquals } from "@std/assert";
import { equalBytes } from "../core/primitives/bytes.ts";
import { address, bigintToHash32, bytesToHash32, hexToBytes } from "../core/primitives/hex.ts";
import { createPoseidon2TreeHash, createStateTree, type StateTree } from "../core/tree/mod.ts";
import { flatKey } from "../core/types/state.ts";
import type { SystemWrite } from "../core/vm/executor.ts";
import { createSimulatedRoots } from "./l2_simulated_roots.ts";

const OWNER = address(`0x${"77".repeat(20)}`);

const write = (slot: number, value: number): SystemWrite => ({
  address: OWNER,
  slot: bigintToHash32(BigInt(slot)),
  value: bigintToHash32(BigInt(value)),
});

function apply(tree: StateTree, writes: readonly SystemWrite[]): void {
  tree.applyWrites(
    writes.map(({ value, ...slot }) => ({ key: flatKey(slot), value: hexToBytes(value) })),
  );
}

/** A tree of a few slots, and roots on top of it. */
function openBase(expected: readonly SystemWrite[] = []) {
  const treeHash = createPoseidon2TreeHash();
  const whole = createStateTree(treeHash);
  apply(whole, [1, 2, 3, 4, 5].map((slot) => write(slot, 9)));
  let readCount = 0;
  const roots = createSimulatedRoots({
    treeHash,
    readTree: (action) => {
      readCount++;
      return Promise.resolve(action(whole));
    },
  }, expected);
  return { whole, roots, reads: () => readCount };
}

Deno.test("rootAfter() is the root of a tree that was written block by block", async () => {
  const { whole, roots } = openBase();
  const blocks = [
    [write(2, 7), write(100, 1)],
    [write(50, 3), write(100, 2), write(3, 0)],
    [],
    [write(7, 1), write(2, 9), write(50, 0), write(60, 4)],
    [write(100, 0), write(61, 4), write(50, 8)],
    [write(100, 0), write(62, 4), write(61, 4)],
  ];
  const found = [];
  for (const block of blocks) found.push(await roots.rootAfter(block));
  const expected = blocks.map((block) => {
    apply(
      whole,
      block.filter(({ value, ...slot }) => {
        const before = whole.get(flatKey(slot));
        return before === undefined || !equalBytes(before, hexToBytes(value));
      }),
    );
    return bytesToHash32(whole.root());
  });
  assertEquals(found, expected);
});

Deno.test("rootAfter() makes no leaf for a zero over nothing", async () => {
  const { whole, roots } = openBase();
  const before = bytesToHash32(whole.root());
  assertEquals(await roots.rootAfter([write(100, 0)]), before);
  const root = await roots.rootAfter([write(200, 5), write(100, 5)]);
  apply(whole, [write(200, 5), write(100, 5)]);
  assertEquals(root, bytesToHash32(whole.root()));
});

Deno.test("rootAfter() leaves the tree as it is, and asks it once for what is expected", async () => {
  const slots = [10, 11, 12].map((slot) => write(slot, slot));
  const { whole, roots, reads } = openBase(slots);
  const before = bytesToHash32(whole.root());
  for (const slot of slots) await roots.rootAfter([slot]);
  assertEquals([reads(), bytesToHash32(whole.root())], [1, before]);
  await roots.rootAfter([write(77, 1)]);
  assertEquals(reads(), 2);
});
