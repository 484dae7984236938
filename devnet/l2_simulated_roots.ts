/**
 * The roots that the state tree would have after blocks that never were.
 *
 * Owns a part of the tree that is good for the keys which such blocks write, so that the tree itself
 * stays free for real ones. Does not own what is written.
 * @module
 */
import { equalBytes } from "../core/primitives/bytes.ts";
import { bytesToHash32, type Hash32, hexToBytes } from "../core/primitives/hex.ts";
import { isZero, type TreeWrite } from "../core/tree/leaf.ts";
import { openPartialTree, type PartialTree } from "../core/tree/partial_tree.ts";
import type { StateTree } from "../core/tree/state_tree.ts";
import type { TreeHash } from "../core/tree/tree_hash.ts";
import { flatKey, type SlotId } from "../core/types/state.ts";
import type { SystemWrite } from "../core/vm/executor.ts";

/** The state after a block, and whatever is written on top. */
export interface SimulatedRoots {
  /** The root after one more block, which writes these slots. */
  rootAfter(writes: readonly SystemWrite[]): Promise<Hash32>;
}

/** The tree that all stands on. */
export interface SimulationBase {
  readonly treeHash: TreeHash;
  /** Runs `action` on it; it is the same tree each time. */
  readTree<Result>(action: (tree: StateTree) => Result): Promise<Result>;
}

/** A leaf that some block wrote. */
interface WrittenLeaf extends TreeWrite {
  readonly firstValue: Uint8Array;
}

/** On the tree of `base`; slots that will be written for sure are `expected`. */
export function createSimulatedRoots(
  base: SimulationBase,
  expected: readonly SlotId[],
): SimulatedRoots {
  const keys = new Map<string, Uint8Array>();
  /** In the order in which their leaves are made, as that is the order of their indices. */
  const written = new Map<string, WrittenLeaf>();
  let tree: PartialTree | undefined;
  const learn = (key: Uint8Array): boolean => {
    const name = key.toHex();
    const isNew = !keys.has(name);
    if (isNew) keys.set(name, key);
    return isNew;
  };
  for (const slot of expected) learn(flatKey(slot));

  const open = async (): Promise<PartialTree> => {
    const { witness, root } = await base.readTree((whole) => ({
      witness: whole.multiProof(keys.values()),
      root: whole.root(),
    }));
    const part = openPartialTree(base.treeHash, witness, root);
    // A leaf that was made stays, be its value zero by now.
    const leaves = [...written.values()];
    part.applyWrites(
      leaves.filter(({ key }) => part.get(key) === undefined)
        .map(({ key, firstValue }) => ({ key, value: firstValue })),
    );
    part.applyWrites(leaves.filter((leaf) => isChange(part, leaf)));
    return part;
  };

  return {
    rootAfter: async (writes) => {
      const wanted = writes.map(({ value, ...slot }) => ({
        key: flatKey(slot),
        value: hexToBytes(value),
      }));
      const news = wanted.filter(({ key }) => learn(key));
      const part = tree === undefined || news.length > 0 ? await open() : tree;
      tree = part;
      const changes = wanted.filter((write) => isChange(part, write));
      part.applyWrites(changes);
      for (const { key, value } of changes) {
        const name = key.toHex();
        const { firstValue = value } = written.get(name) ?? {};
        written.set(name, { key, value, firstValue });
      }
      return bytesToHash32(part.root());
    },
  };
}

/** A zero that nobody wrote over anything makes no leaf. */
function isChange(tree: PartialTree, { key, value }: TreeWrite): boolean {
  const before = tree.get(key);
  return before === undefined ? !isZero(value) : !equalBytes(before, value);
}
