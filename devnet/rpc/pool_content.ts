/**
 * The pool as `txpool_*` shows it.
 *
 * Owns the split into what is ready and what waits for an earlier nonce. Does not own the pool.
 * @module
 */
import type { ChainBackend, ChainTransaction } from "./chain.ts";
import { checksumAddress } from "./format.ts";

/** Waiting transactions; both lists by sender and in order of nonce. */
export interface PoolContent {
  /** Could all go into the next block. */
  readonly pending: readonly ChainTransaction[];
  /** Miss an earlier nonce of their sender. */
  readonly queued: readonly ChainTransaction[];
}

/** The pool of `chain` now. */
export async function readPool(chain: ChainBackend): Promise<PoolContent> {
  const head = await chain.numberOf("latest");
  const pending: ChainTransaction[] = [];
  const queued: ChainTransaction[] = [];
  const nextNonceBySender = new Map<string, bigint>();
  for (const transaction of await chain.pendingTransactions()) {
    const { sender, tx } = transaction;
    const expected = nextNonceBySender.get(sender) ?? await chain.nonce(sender, head);
    const isReady = tx.nonce === expected;
    nextNonceBySender.set(sender, isReady ? expected + 1n : expected);
    (isReady ? pending : queued).push(transaction);
  }
  return { pending, queued };
}

/** `{sender: {nonce: shown}}`; senders with their EIP-55 checksum, as geth has them here. */
export function groupBySender<Shown>(
  transactions: readonly ChainTransaction[],
  show: (transaction: ChainTransaction) => Shown,
): Readonly<Record<string, Readonly<Record<string, Shown>>>> {
  const grouped = Map.groupBy(transactions, ({ sender }) => sender);
  return Object.fromEntries(
    [...grouped].map(([sender, own]) => [checksumAddress(sender), groupByNonce(own, show)]),
  );
}

/** `{nonce: shown}`; nonces in decimal. */
export function groupByNonce<Shown>(
  transactions: readonly ChainTransaction[],
  show: (transaction: ChainTransaction) => Shown,
): Readonly<Record<string, Shown>> {
  return Object.fromEntries(
    transactions.map((transaction) => [transaction.tx.nonce.toString(), show(transaction)]),
  );
}

/** One line of text, in geth's words. */
export function describeTransaction({ tx }: ChainTransaction): string {
  const target = tx.to === undefined ? "contract creation" : checksumAddress(tx.to);
  return `${target}: ${tx.valueWei} wei + ${tx.gasLimit} gas × ${tx.maxFeePerGasWei} wei`;
}
