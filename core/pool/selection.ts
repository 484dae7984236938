/**
 * The order in which a block takes pooled transactions.
 *
 * Owns the walk: best effective tip first, first come first on ties, each sender by nonce without
 * gaps. Does not own what waits (`pool.ts`) or what fits a block (`batching/seal_policy.ts`).
 * @module
 */
import type { Address } from "../primitives/hex.ts";
import { effectiveGasPriceWei } from "../types/tx.ts";
import type { PoolCandidate } from "./admission.ts";

/** What the order depends on. */
export interface Rankable extends PoolCandidate {
  /** Breaks ties: the lower one came first. */
  readonly arrival: bigint;
}

/** A walk over the ready transactions, for one block under construction. */
export interface Selection<Entry extends Rankable> {
  /**
   * The best transaction that may come next; `undefined` at the end.
   *
   * Calling it again says that the one before was taken: its sender's next nonce then competes.
   */
  next(): Entry | undefined;
  /** Takes no more of `sender`: a transaction of it did not fit or turned out invalid. */
  skipSender(sender: Address): void;
}

/** How a walk looks up what waits; the pool may change while the walk is under way. */
export type EntryLookup<Entry extends Rankable> = (
  sender: Address,
  nonce: bigint,
) => Entry | undefined;

interface Ranked<Entry extends Rankable> {
  readonly entry: Entry;
  readonly tipWei: bigint;
}

/**
 * A walk that starts with `heads`, the first ready transaction of each sender.
 *
 * Transactions that cannot pay `baseFeePerGasWei` hold back themselves and what follows them of
 * the same sender. One that was removed or replaced since it was ranked is never handed out: the
 * one that holds its nonce now competes instead. Cost: O(log n) a step.
 */
export function createSelection<Entry extends Rankable>(
  heads: Iterable<Entry>,
  lookUp: EntryLookup<Entry>,
  baseFeePerGasWei: bigint,
): Selection<Entry> {
  const heap = createHeap<Entry>();
  const skipped = new Set<Address>();
  let taken: Entry | undefined;

  const offer = (entry: Entry | undefined) => {
    if (entry === undefined || entry.tx.maxFeePerGasWei < baseFeePerGasWei) return;
    heap.push({
      entry,
      tipWei: effectiveGasPriceWei(entry.tx, baseFeePerGasWei) - baseFeePerGasWei,
    });
  };
  const advance = (): Entry | undefined => {
    if (taken !== undefined) offer(lookUp(taken.sender, taken.tx.nonce + 1n));
    taken = undefined;
    for (let best = heap.pop(); best !== undefined; best = heap.pop()) {
      const { entry } = best;
      if (skipped.has(entry.sender)) continue;
      const current = lookUp(entry.sender, entry.tx.nonce);
      if (current === entry) return taken = entry;
      offer(current);
    }
    return undefined;
  };

  for (const head of heads) offer(head);
  return {
    next: advance,
    skipSender: (sender) => {
      skipped.add(sender);
    },
  };
}

/** Whether `left` came first; the hash decides between equal arrivals, so that the order is total. */
export function comesBefore(left: Rankable, right: Rankable): boolean {
  if (left.arrival !== right.arrival) return left.arrival < right.arrival;
  return left.hash < right.hash;
}

function isBefore<Entry extends Rankable>(left: Ranked<Entry>, right: Ranked<Entry>): boolean {
  if (left.tipWei !== right.tipWei) return left.tipWei > right.tipWei;
  return comesBefore(left.entry, right.entry);
}

/** A binary heap with the best entry on top. */
function createHeap<Entry extends Rankable>(): {
  push(item: Ranked<Entry>): void;
  pop(): Ranked<Entry> | undefined;
} {
  const items: Ranked<Entry>[] = [];
  const push = (item: Ranked<Entry>) => {
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = items[parentAt];
      if (parent === undefined || !isBefore(item, parent)) break;
      items[at] = parent;
      at = parentAt;
    }
    items[at] = item;
  };
  const sink = (item: Ranked<Entry>) => {
    let at = 0;
    for (;;) {
      const left = items[2 * at + 1];
      const right = items[2 * at + 2];
      const rightWins = left !== undefined && right !== undefined && isBefore(right, left);
      const child = rightWins ? right : left;
      if (child === undefined || !isBefore(child, item)) break;
      items[at] = child;
      at = 2 * at + (rightWins ? 2 : 1);
    }
    items[at] = item;
  };
  const pop = (): Ranked<Entry> | undefined => {
    const [top] = items;
    const last = items.pop();
    if (last !== undefined && items.length > 0) sink(last);
    return top;
  };
  return { push, pop };
}
