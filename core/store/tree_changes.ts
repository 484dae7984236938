/**
 * Changes of blocks as changes of the tree, forwards and backwards.
 *
 * Owns merging what several blocks did and doing it again or taking it back. Does not own where diffs
 * are kept (`blocks.ts`) or when the tree moves (`state.ts`).
 * @module
 */
import { assert } from "../primitives/errors.ts";
import { type Address, type Hash32, hexToBytes } from "../primitives/hex.ts";
import type { LeafUpdate, StateTree, TreeWrite } from "../tree/mod.ts";
import { flatKey, type StateDiff } from "../types/state.ts";

/** What stands in a leaf for the moment in which it is made. */
const ANY_VALUE = new Uint8Array(32).fill(1);

/**
 * What `blocks`, the latest first, have done to the tree together, as one batch of writes: the way up
 * from the leaves is the dear part, and is hashed once for all of them.
 */
export function mergeBlocks(
  tree: StateTree,
  blocks: readonly (readonly StateDiff[])[],
  leafCountBefore: number,
): readonly LeafUpdate[] {
  const merged = new Map<Address, Map<Hash32, { readonly diff: StateDiff; oldValue: Hash32 }>>();
  for (const diffs of blocks) {
    for (const diff of diffs) {
      let slots = merged.get(diff.address);
      if (slots === undefined) merged.set(diff.address, slots = new Map());
      const later = slots.get(diff.slot);
      if (later === undefined) slots.set(diff.slot, { diff, oldValue: diff.oldValue });
      else later.oldValue = diff.oldValue;
    }
  }
  const updates: LeafUpdate[] = [];
  for (const slots of merged.values()) {
    for (const { diff, oldValue } of slots.values()) {
      const key = flatKey(diff);
      const index = tree.indexOf(key);
      assert(index !== undefined, "an applied change has its leaf");
      updates.push({
        index,
        key,
        value: hexToBytes(diff.newValue),
        oldValue: hexToBytes(oldValue),
        isNew: index >= leafCountBefore,
      });
    }
  }
  // New leaves come and go in the order of their index.
  return updates.sort((left, right) => left.index - right.index);
}

/** What `legs`, each following the one before, have done together, as one batch of writes. */
export function mergeLegs(legs: readonly (readonly LeafUpdate[])[]): readonly LeafUpdate[] {
  const [only] = legs;
  if (only !== undefined && legs.length === 1) return only;
  const merged = new Map<number, LeafUpdate>();
  for (const leg of legs) {
    for (const update of leg) {
      const earlier = merged.get(update.index);
      merged.set(
        update.index,
        earlier === undefined ? update : { ...earlier, value: update.value },
      );
    }
  }
  return [...merged.values()].sort((left, right) => left.index - right.index);
}

/** The inverse of reverting `changes`, which leaves the tree as it was, positions included. */
export function applyAgain(tree: StateTree, changes: readonly LeafUpdate[]): void {
  const isEmptied = ({ isNew, value }: LeafUpdate) => isNew && value.every((byte) => byte === 0);
  // A leaf comes with a value; one that was emptied later had any, which nobody sees.
  tree.applyWrites(
    changes.map((change) => isEmptied(change) ? { ...change, value: ANY_VALUE } : change),
  );
  const emptied = changes.filter(isEmptied);
  if (emptied.length > 0) tree.applyWrites(emptied);
}

/** Takes one block's diffs out of the tree. */
export function undoBlock(
  tree: StateTree,
  diffs: readonly StateDiff[],
  leafCountBefore: number,
): void {
  tree.revertWrites(diffs.map((diff): LeafUpdate => {
    const key = flatKey(diff);
    const index = tree.indexOf(key);
    assert(index !== undefined, "an applied change has its leaf");
    return {
      index,
      key,
      value: hexToBytes(diff.newValue),
      oldValue: hexToBytes(diff.oldValue),
      isNew: index >= leafCountBefore,
    };
  }));
}

/** A change as the tree takes it. */
export function diffToWrite(diff: StateDiff): TreeWrite {
  return { key: flatKey(diff), value: hexToBytes(diff.newValue) };
}
