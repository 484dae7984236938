/**
 * From transactions to the next block of the embedded L1.
 *
 * Owns which ones a block takes, until gas or the count of one commit runs out. Changes neither the
 * pool nor the store: the caller does, when the block is committed. Does not own execution.
 * @module
 */
import type { PoolCandidate } from "../../core/pool/admission.ts";
import type { Pool } from "../../core/pool/pool.ts";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { TxOutcome } from "../../core/vm/executor.ts";
import {
  assembleBlock,
  type L1Block,
  type L1Environment,
  type L1IncludedTx,
  type L1Outcome,
} from "./chain_block.ts";
import type { BalanceChanges, L1Evm, L1StateChange } from "./evm.ts";

/** A transaction that did not get into a block. */
export interface DroppedTx {
  readonly hash: Hash32;
  readonly reason: string;
}

/** Where a block takes its transactions from, in which order. */
export interface TxSource {
  next(): PoolCandidate | undefined;
  /** Offers no more of `sender` whose nonces would follow. */
  skipSender(sender: Address): void;
}

/** A block that nobody knows of yet. */
export interface BuiltBlock {
  readonly block: L1Block;
  readonly state: L1StateChange;
  /** Can be in no block any more. */
  readonly dropped: readonly DroppedTx[];
  /** Found no room; a later block may have it. */
  readonly postponed: readonly DroppedTx[];
}

/** What a block is built on and with. */
export interface BuildOptions {
  /** Root of the state after the parent. */
  readonly stateRoot: Hash32;
  readonly environment: L1Environment;
  readonly balances?: BalanceChanges;
}

/** Builds the block that `environment` describes on the state under `stateRoot`. */
export async function buildL1Block(
  evm: L1Evm,
  source: TxSource,
  options: BuildOptions,
): Promise<BuiltBlock> {
  const { stateRoot, environment } = options;
  const execution = await evm.begin(stateRoot, environment, options.balances);
  const transactions: L1IncludedTx[] = [];
  const outcomes: L1Outcome[] = [];
  const dropped: DroppedTx[] = [];
  const postponed: DroppedTx[] = [];
  let candidate: PoolCandidate | undefined;
  while (
    transactions.length < LIMITS.maxTxsPerBlock && (candidate = source.next()) !== undefined
  ) {
    const { hash, raw, tx, sender } = candidate;
    const outcome = await execution.run({ raw, tx, sender });
    if (outcome.kind === "included") {
      transactions.push({ hash, raw, tx, sender });
      outcomes.push(toL1Outcome(outcome));
      continue;
    }
    source.skipSender(sender);
    // A later block has room; every other reason needs another transaction.
    const list = outcome.reason === "BLOCK_GAS_EXHAUSTED" ? postponed : dropped;
    list.push({ hash, reason: outcome.message });
  }
  const state = await execution.finish();
  const block = assembleBlock(environment, state, { transactions, outcomes });
  return { block, state, dropped, postponed };
}

/** What waits in `pool` and is ready on the state under `stateRoot`, best tip first. */
export async function readySource(
  evm: L1Evm,
  pool: Pool,
  parent: { readonly stateRoot: Hash32; readonly baseFeePerGasWei: bigint },
): Promise<TxSource> {
  const nonces = await readNonces(evm, pool, parent.stateRoot);
  return pool.ready((sender) => nonces.get(sender) ?? 0n, parent.baseFeePerGasWei);
}

/** `candidates` in this order, each on its own. */
export function listSource(candidates: readonly PoolCandidate[]): TxSource {
  const left = [...candidates];
  return { next: () => left.shift(), skipSender: () => {} };
}

/** The next nonce of every sender that waits. */
async function readNonces(
  evm: L1Evm,
  pool: Pool,
  stateRoot: Hash32,
): Promise<ReadonlyMap<Address, bigint>> {
  const nonces = new Map<Address, bigint>();
  for (const { sender } of pool.entries()) {
    if (nonces.has(sender)) continue;
    nonces.set(sender, (await evm.account(stateRoot, sender)).nonce);
  }
  return nonces;
}

/** What is kept of an outcome. */
export function toL1Outcome(outcome: TxOutcome & { readonly kind: "included" }): L1Outcome {
  const { receipt, exception } = outcome;
  // What a successful transaction returns nobody can read; why one failed everybody asks.
  return { receipt, exception, returnData: receipt.success ? EMPTY_BYTES : outcome.returnData };
}
