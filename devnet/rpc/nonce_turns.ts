/**
 * Turns of those who send in an account's name without saying a nonce.
 *
 * Owns that the nonce which one of them was given is used before the next one asks, as in geth: two
 * at a time would be given the same; and that it is the next one still when the chain goes back
 * meanwhile. Does not own the nonces (the chain's).
 * @module
 */
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import type { ChainBackend } from "./chain.ts";

const turnsByChain = new WeakMap<ChainBackend, Map<Address, Promise<void>>>();

/** Runs `task` when all that came before it for `account` on `chain` have ended. */
export async function inNonceTurn<Result>(
  chain: ChainBackend,
  account: Address,
  task: () => Promise<Result>,
): Promise<Result> {
  const turns = turnsByChain.get(chain) ?? new Map<Address, Promise<void>>();
  turnsByChain.set(chain, turns);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const before = turns.get(account);
  turns.set(account, ended);
  try {
    await before;
    return await task();
  } finally {
    // Who came meanwhile waits for this turn; without anyone there is nothing to keep.
    if (turns.get(account) === ended) turns.delete(account);
    end();
  }
}

/** A chain that goes back at each of so many sends is left to the client. */
const MAX_SENDS = 10;

/**
 * Sends in the turn of `account` by `send`, which chooses its next nonce. When the chain went back
 * between the choice and the sending, what would wait behind a gap is taken back and sent anew.
 */
export function sendInNonceTurn(
  chain: ChainBackend,
  account: Address,
  send: () => Promise<Hash32>,
): Promise<Hash32> {
  return inNonceTurn(chain, account, async () => {
    const { rewinds, controls } = chain;
    if (rewinds === undefined) return await send();
    for (let sends = 1;; sends++) {
      await rewinds.over();
      const before = rewinds.count();
      const isLast = () => rewinds.count() === before || sends === MAX_SENDS;
      try {
        const hash = await send();
        if (isLast() || !await isBehindGap(chain, account, hash)) return hash;
        if (!await controls.dropTransaction(hash)) return hash;
      } catch (error) {
        if (isLast()) throw error;
      }
    }
  });
}

async function isBehindGap(chain: ChainBackend, account: Address, hash: Hash32): Promise<boolean> {
  const sent = await chain.transaction(hash);
  const isWaiting = sent !== undefined && sent.position === undefined;
  return isWaiting && await chain.pendingNonce(account) <= sent.tx.nonce;
}
