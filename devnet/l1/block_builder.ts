/**
 * From pooled transactions to the next block of the embedded L1.
 *
 * Owns which ones a block takes, until gas or the count of one commit runs out. Changes neither the
 * pool nor the store: the caller does, when the block is committed. Does not own execution.
 * @module
 */
import type { Pool, PoolEntry } from "../../core/pool/pool.ts";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import type { Address, Hash32 } from "../../core/primitives/hex.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import type { BlockEnvironment, TxOutcome } from "../../core/vm/executor.ts";
import { assembleBlock, type L1Block, type L1IncludedTx, type L1Outcome } from "./chain_block.ts";
import type { L1Evm, L1StateChange } from "./evm.ts";

/** A pooled transaction that can be in no block any more. */
export interface DroppedTx {
  readonly hash: Hash32;
  readonly reason: string;
}

/** A block that nobody knows of yet. */
export interface BuiltBlock {
  readonly block: L1Block;
  readonly state: L1StateChange;
  readonly dropped: readonly DroppedTx[];
}

/** Builds the block that `environment` describes on the state under `stateRoot`. */
export async function buildL1Block(
  evm: L1Evm,
  pool: Pool,
  parent: { readonly stateRoot: Hash32; readonly environment: BlockEnvironment },
): Promise<BuiltBlock> {
  const { stateRoot, environment } = parent;
  const execution = await evm.begin(stateRoot, environment);
  const nonces = await readNonces(evm, pool, stateRoot);
  const selection = pool.ready((sender) => nonces.get(sender) ?? 0n, environment.baseFeePerGasWei);
  const transactions: L1IncludedTx[] = [];
  const outcomes: L1Outcome[] = [];
  const dropped: DroppedTx[] = [];
  let entry: PoolEntry | undefined;
  while (transactions.length < LIMITS.maxTxsPerBlock && (entry = selection.next()) !== undefined) {
    const { hash, raw, tx, sender } = entry;
    const outcome = await execution.run({ raw, tx, sender });
    if (outcome.kind === "included") {
      transactions.push({ hash, raw, tx, sender });
      outcomes.push(toL1Outcome(outcome));
      continue;
    }
    selection.skipSender(sender);
    // A later block has room; every other reason needs another transaction.
    if (outcome.reason === "BLOCK_GAS_EXHAUSTED") continue;
    dropped.push({ hash, reason: outcome.message });
  }
  const state = await execution.finish();
  const block = assembleBlock(environment, state.stateRoot, { transactions, outcomes });
  return { block, state, dropped };
}

/** The next nonce of every sender that waits. */
export async function readNonces(
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

function toL1Outcome(outcome: TxOutcome & { readonly kind: "included" }): L1Outcome {
  const { receipt, exception } = outcome;
  // What a successful transaction returns nobody can read; why one failed everybody asks.
  return { receipt, exception, returnData: receipt.success ? EMPTY_BYTES : outcome.returnData };
}
