/**
 * The pool: transactions that were admitted and wait for a block.
 *
 * Owns which transaction may enter given its sender's account and the ones that wait already, and
 * hands out the order of a block. Kept in memory, without clock or randomness: the same calls give
 * the same pool. Does not own stateless rules (`admission.ts`), persistence or execution.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { effectiveGasPriceWei, maxCostWei, type Transaction } from "../types/tx.ts";
import type { PoolCandidate, PoolContext } from "./admission.ts";
import {
  alreadyKnown,
  feeTooLow,
  insufficientFunds,
  nonceTooHigh,
  nonceTooLow,
  poolFull,
  replacementUnderpriced,
  senderHasCode,
} from "./pool_error.ts";
import { comesBefore, createSelection, type Selection } from "./selection.ts";

/** A transaction that waits. */
export interface PoolEntry extends PoolCandidate {
  /** Place in the order of admission: strictly increasing, never reused. */
  readonly arrival: bigint;
}

/** The sender's account in the latest state. */
export interface SenderState {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  /** Whether it has code that is not an EIP-7702 delegation. */
  readonly hasCode: boolean;
}

/** Bounds of a pool. */
export interface PoolLimits {
  /** Transactions that may wait at once. */
  readonly maxTxs: number;
  /** Nonces from the state's on that a sender may use. */
  readonly maxNonceAhead: bigint;
  /** How much more a replacement pays on both fee fields; geth's and anvil's is 10. */
  readonly replacementBumpPercent: bigint;
}

/** Bounds as zkevm-node has them, and the replacement rule that wallets expect. */
export const DEFAULT_POOL_LIMITS: PoolLimits = {
  maxTxs: LIMITS.maxPoolTxs,
  maxNonceAhead: LIMITS.maxPoolNonceAhead,
  replacementBumpPercent: 10n,
};

/** Reads the next nonce of an account in the latest state. */
export type StateNonceOf = (sender: Address) => bigint;

/** What {@linkcode Pool.admit} did. */
export interface Admission {
  readonly entry: PoolEntry;
  /** The transaction of the same sender and nonce that left for it. */
  readonly replaced?: PoolEntry;
}

/** Transactions that wait for a block. */
export interface Pool {
  /**
   * Lets `candidate` in, in place of a waiting one of the same sender and nonce if it pays enough
   * more: at least 10 % on the fee and on the tip (geth's rule; zkevm-node asks for no bump).
   * A full pool evicts nothing, and a fee below the current base fee is refused, not parked.
   *
   * @throws `POOL_SENDER_HAS_CODE`, `POOL_NONCE_TOO_LOW`, `POOL_NONCE_TOO_HIGH`,
   * `POOL_ALREADY_KNOWN`, `POOL_REPLACEMENT_UNDERPRICED`, `POOL_FULL`, `POOL_FEE_TOO_LOW`,
   * `POOL_INSUFFICIENT_FUNDS`, in this order.
   */
  admit(candidate: PoolCandidate, sender: SenderState, context: PoolContext): Admission;
  /**
   * Puts back an entry that was admitted before (a restart, an unwound block), with its old
   * arrival and unchecked: rules that it met then may fail now, and only a block may drop it.
   *
   * Answers `false` and changes nothing when another one holds its nonce by now: that one stays.
   */
  restore(entry: PoolEntry): boolean;
  /** Takes an entry out; `undefined` when it is not there. */
  remove(hash: Hash32): PoolEntry | undefined;
  get(hash: Hash32): PoolEntry | undefined;
  has(hash: Hash32): boolean;
  /** How many transactions wait. */
  size(): number;
  /** How many were admitted so far; never falls. */
  arrivals(): bigint;
  /** All entries in order of arrival. */
  entries(): readonly PoolEntry[];
  /** The entries of `sender` by nonce. */
  entriesOf(sender: Address): readonly PoolEntry[];
  /** The first nonce from `stateNonce` on that no waiting transaction of `sender` uses. */
  pendingNonce(sender: Address, stateNonce: bigint): bigint;
  /**
   * A walk for the next block: highest effective tip at `baseFeePerGasWei` first, first come first
   * on ties, each sender's transactions by nonce from the state's on without gaps.
   */
  ready(stateNonceOf: StateNonceOf, baseFeePerGasWei: bigint): Selection<PoolEntry>;
  /** Removes the entries whose nonce the state has passed, and returns them by arrival. */
  dropStale(stateNonceOf: StateNonceOf): readonly PoolEntry[];
}

/** An empty pool. */
export function createPool(limits: Partial<PoolLimits> = {}): Pool {
  const bounds: PoolLimits = { ...DEFAULT_POOL_LIMITS, ...limits };
  const entriesByHash = new Map<Hash32, PoolEntry>();
  const entriesBySender = new Map<Address, Map<bigint, PoolEntry>>();
  let nextArrival = 0n;

  const lookUp = (sender: Address, nonce: bigint) => entriesBySender.get(sender)?.get(nonce);
  const insert = (entry: PoolEntry) => {
    entriesByHash.set(entry.hash, entry);
    const own = entriesBySender.get(entry.sender) ?? new Map<bigint, PoolEntry>();
    entriesBySender.set(entry.sender, own.set(entry.tx.nonce, entry));
    if (entry.arrival >= nextArrival) nextArrival = entry.arrival + 1n;
  };
  const remove = (hash: Hash32): PoolEntry | undefined => {
    const entry = entriesByHash.get(hash);
    if (entry === undefined) return undefined;
    entriesByHash.delete(hash);
    const own = entriesBySender.get(entry.sender);
    assert(own?.get(entry.tx.nonce) === entry, "both maps of the pool hold the same entries");
    own.delete(entry.tx.nonce);
    if (own.size === 0) entriesBySender.delete(entry.sender);
    return entry;
  };
  const admit: Pool["admit"] = (candidate, sender, context) => {
    checkAccount(candidate, sender, bounds);
    if (entriesByHash.has(candidate.hash)) throw alreadyKnown(candidate.hash);
    const replaced = lookUp(candidate.sender, candidate.tx.nonce);
    if (replaced !== undefined) checkReplacement(candidate.tx, replaced, bounds);
    else if (entriesByHash.size >= bounds.maxTxs) throw poolFull(entriesByHash.size, bounds.maxTxs);
    checkFees(candidate, sender, context);
    const entry: PoolEntry = { ...candidate, arrival: nextArrival };
    if (replaced !== undefined) remove(replaced.hash);
    insert(entry);
    return replaced === undefined ? { entry } : { entry, replaced };
  };
  return {
    admit,
    remove,
    restore: (entry) => {
      if (lookUp(entry.sender, entry.tx.nonce) !== undefined) return false;
      insert(entry);
      return true;
    },
    get: (hash) => entriesByHash.get(hash),
    has: (hash) => entriesByHash.has(hash),
    size: () => entriesByHash.size,
    arrivals: () => nextArrival,
    entries: () => byArrival(entriesByHash.values()),
    entriesOf: (sender) => byNonce(entriesBySender.get(sender)?.values() ?? []),
    pendingNonce: (sender, stateNonce) => {
      let nonce = stateNonce;
      while (lookUp(sender, nonce) !== undefined) nonce++;
      return nonce;
    },
    ready: (stateNonceOf, baseFeePerGasWei) => {
      const heads = [...entriesBySender].flatMap(([sender, own]) =>
        own.get(stateNonceOf(sender)) ?? []
      );
      return createSelection(heads, lookUp, baseFeePerGasWei);
    },
    dropStale: (stateNonceOf) => {
      const stale: PoolEntry[] = [];
      for (const [sender, own] of entriesBySender) {
        const stateNonce = stateNonceOf(sender);
        for (const entry of own.values()) if (entry.tx.nonce < stateNonce) stale.push(entry);
      }
      for (const entry of stale) remove(entry.hash);
      return byArrival(stale);
    },
  };
}

function checkAccount(candidate: PoolCandidate, sender: SenderState, limits: PoolLimits): void {
  if (sender.hasCode) throw senderHasCode(candidate.sender);
  const { nonce } = candidate.tx;
  if (nonce < sender.nonce) throw nonceTooLow(candidate.sender, nonce, sender.nonce);
  const maxNonce = sender.nonce + limits.maxNonceAhead - 1n;
  if (nonce > maxNonce) {
    throw nonceTooHigh(candidate.sender, { nonce, stateNonce: sender.nonce, maxNonce });
  }
}

function checkReplacement(tx: Transaction, old: PoolEntry, limits: PoolLimits): void {
  const neededMaxFeePerGasWei = bumped(old.tx.maxFeePerGasWei, limits);
  const neededMaxPriorityFeePerGasWei = bumped(old.tx.maxPriorityFeePerGasWei, limits);
  const { maxFeePerGasWei, maxPriorityFeePerGasWei } = tx;
  if (
    maxFeePerGasWei < neededMaxFeePerGasWei ||
    maxPriorityFeePerGasWei < neededMaxPriorityFeePerGasWei
  ) {
    throw replacementUnderpriced(old.hash, {
      maxFeePerGasWei,
      maxPriorityFeePerGasWei,
      neededMaxFeePerGasWei,
      neededMaxPriorityFeePerGasWei,
    });
  }
}

/** The bump rounded down as geth does, but always more than before. */
function bumped(feeWei: bigint, limits: PoolLimits): bigint {
  const raised = feeWei * (100n + limits.replacementBumpPercent) / 100n;
  return raised > feeWei ? raised : feeWei + 1n;
}

function checkFees(candidate: PoolCandidate, sender: SenderState, context: PoolContext): void {
  const { tx } = candidate;
  const { baseFeePerGasWei } = context;
  const minTipWei = context.minTipWei ?? 0n;
  const tipWei = effectiveGasPriceWei(tx, baseFeePerGasWei) - baseFeePerGasWei;
  if (tipWei < minTipWei) {
    throw feeTooLow(tx.maxFeePerGasWei, { baseFeePerGasWei, minTipWei, tipWei });
  }
  const costWei = maxCostWei(tx);
  if (sender.balanceWei < costWei) {
    throw insufficientFunds(candidate.sender, sender.balanceWei, costWei);
  }
}

function byArrival(entries: Iterable<PoolEntry>): readonly PoolEntry[] {
  return [...entries].sort((left, right) => comesBefore(left, right) ? -1 : 1);
}

function byNonce(entries: Iterable<PoolEntry>): readonly PoolEntry[] {
  return [...entries].sort((left, right) => left.tx.nonce < right.tx.nonce ? -1 : 1);
}
