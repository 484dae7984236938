/**
 * A moment of the embedded L1 that it can go back to.
 *
 * Owns what such a moment is: the latest block, the state that was decreed after it, the pool, the
 * wishes. Blocks are taken back by the same rollback as everywhere, so a process that dies on the
 * way leaves a valid, shorter chain. Does not own the clock, which both layers share, or the ids of
 * snapshots (`devnet/snapshots.ts`).
 * @module
 */
import type { PoolEntry } from "../../core/pool/pool.ts";
import type { Hash32 } from "../../core/primitives/hex.ts";
import type { NextBlockWishes } from "./chain_block.ts";
import { restoreDecreed } from "./decrees.ts";
import type { L1Mining } from "./embedded_l1.ts";
import type { OpenChain, StandingWishes } from "./open_chain.ts";
import { rollbackL1 } from "./reorganise.ts";

/** A moment of the chain. */
export interface L1Mark {
  readonly number: bigint;
  readonly hash: Hash32;
  readonly decreed: Hash32 | undefined;
  readonly pool: readonly PoolEntry[];
  readonly wishes: NextBlockWishes;
  readonly standing: StandingWishes;
  readonly mining: L1Mining;
  readonly intervalMs: number | undefined;
}

/** The moment of the first start, at the time of its latest block. */
export interface FirstL1Mark extends L1Mark {
  readonly timestampSec: bigint;
}

/**
 * The moment that was the present when this was first asked, in this process or an earlier one. From
 * now on nobody goes back further.
 */
export async function firstL1Mark(
  chain: OpenChain,
  pace: Pick<L1Mark, "mining" | "intervalMs">,
): Promise<FirstL1Mark> {
  const hasBlock = async (block: Pick<L1Mark, "number" | "hash">) =>
    (await chain.view.header(block.number))?.hash === block.hash;
  const { hash, number } = await chain.store.firstStart(chain.view.head(), hasBlock);
  const header = (await chain.view.header(number))?.header ?? chain.view.head().header;
  chain.firstNumber = number;
  return {
    number,
    hash,
    decreed: undefined,
    pool: [],
    wishes: {},
    standing: {},
    timestampSec: header.timestampSec,
    ...pace,
  };
}

/** The present. */
export function markL1(
  chain: OpenChain,
  pace: Pick<L1Mark, "mining" | "intervalMs">,
): L1Mark {
  const { view, pool, decreed, wishes, standing } = chain;
  const { hash, header: { number } } = view.head();
  return { number, hash, decreed, pool: pool.entries(), wishes, standing, ...pace };
}

/** Whether the chain still has the block of `mark`. */
export async function hasMark({ view }: OpenChain, mark: L1Mark): Promise<boolean> {
  return (await view.header(mark.number))?.hash === mark.hash;
}

/** Goes back to `mark`, which the chain must have. */
export async function returnToMark(chain: OpenChain, mark: L1Mark): Promise<void> {
  const { view, pool, store } = chain;
  await rollbackL1(chain, view.head().header.number - mark.number);
  await restoreDecreed(chain, mark.decreed);
  const kept = new Set(mark.pool.map(({ hash }) => hash));
  for (const { hash } of pool.entries()) {
    if (kept.has(hash)) continue;
    await store.removePoolEntry(hash);
    pool.remove(hash);
  }
  for (const entry of mark.pool) {
    if (pool.has(entry.hash)) continue;
    await store.savePoolEntry(entry, undefined);
    pool.restore(entry);
  }
  chain.wishes = mark.wishes;
  chain.standing = mark.standing;
}
