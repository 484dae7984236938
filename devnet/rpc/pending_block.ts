/**
 * The block to come, which clients name `pending`.
 *
 * Owns what is in it: the transactions of the pool that are ready, as far as the block has gas for
 * them, run on the latest state. Does not own running them (`simulate.ts`) or the pool.
 * @module
 */
import { transactionsRoot } from "../../core/types/block.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import type { ChainBackend, ChainBlock, ChainTransaction } from "./chain.ts";
import { RpcError } from "./errors.ts";
import { formatBlock, formatHeader, type JsonObject } from "./format.ts";
import { MAX_SIMULATED_CALLS_PER_BLOCK } from "./limits.ts";
import { readPool } from "./pool_content.ts";
import type { BlockReference } from "./schema.ts";
import type { TransactionRequest } from "./transaction_request.ts";

/** Whether `reference` names the block to come, on a chain that knows it. */
export function isPending(chain: ChainBackend, reference: BlockReference): boolean {
  return reference.kind === "tag" && reference.tag === "pending" &&
    chain.nextBlock !== undefined && chain.simulation !== undefined;
}

/** The transactions that could all be in the block to come, in the order in which it takes them. */
export async function pendingTransactions(
  chain: ChainBackend,
): Promise<readonly ChainTransaction[]> {
  const { gasLimit, baseFeePerGasWei = 0n } = await chain.nextBlock?.() ?? {};
  let gasLeft = gasLimit ?? chain.blockGasLimit();
  const { pending } = await readPool(chain);
  const ordered = inOrderOfPrice(pending, baseFeePerGasWei);
  return ordered.slice(0, MAX_SIMULATED_CALLS_PER_BLOCK).filter(({ tx }) => {
    gasLeft -= tx.gasLimit;
    return gasLeft >= 0n;
  });
}

/**
 * `pending`, in which each sender's are in order of nonce, by what the miner gets of a unit of gas.
 * Who does not pay the base fee waits, and what comes after it.
 */
function inOrderOfPrice(
  pending: readonly ChainTransaction[],
  baseFeeWei: bigint,
): readonly ChainTransaction[] {
  const tipOf = (waiting: readonly ChainTransaction[] | undefined): bigint => {
    const tx = waiting?.[0]?.tx;
    return tx === undefined ? -1n : effectiveGasPriceWei(tx, baseFeeWei) - baseFeeWei;
  };
  const queues = [...Map.groupBy(pending, ({ sender }) => sender).values()];
  const ordered: ChainTransaction[] = [];
  while (queues.length > 0) {
    const best = queues.reduce((first, queue) => tipOf(queue) > tipOf(first) ? queue : first);
    const next = tipOf(best) < 0n ? undefined : best.shift();
    if (next === undefined) break;
    ordered.push(next);
  }
  return ordered;
}

/** The block to come with whole transactions or their hashes, in geth's form. */
export async function formatPendingBlock(
  chain: ChainBackend,
  transactions: "hashes" | "full",
): Promise<JsonObject | null> {
  const pending = await runPendingBlock(chain);
  return pending === undefined ? null : withoutSeal(formatBlock(pending.block, transactions));
}

/** The header of the block to come, in geth's form. */
export async function formatPendingHeader(chain: ChainBackend): Promise<JsonObject | null> {
  const pending = await runPendingBlock(chain);
  return pending === undefined ? null : withoutSeal(formatHeader(pending.block.header));
}

/** Nobody made the block yet: it has no hash, no nonce and nobody to reward. */
function withoutSeal(shown: JsonObject): JsonObject {
  return { ...shown, hash: null, nonce: null, miner: null };
}

/** The block to come, run. */
export interface PendingBlock {
  readonly block: ChainBlock;
  /** Of each of its transactions. */
  readonly gasUsed: readonly bigint[];
}

/** Runs the block to come; `undefined` on a chain that knows of none. */
export async function runPendingBlock(chain: ChainBackend): Promise<PendingBlock | undefined> {
  const ready = await pendingTransactions(chain);
  try {
    return await simulatePending(chain, ready);
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    // One of them cannot begin any more: a block comes without them.
    return await simulatePending(chain, []);
  }
}

async function simulatePending(
  chain: ChainBackend,
  transactions: readonly ChainTransaction[],
): Promise<PendingBlock | undefined> {
  const head = await chain.numberOf("latest");
  const next = await chain.nextBlock?.();
  const { number = head + 1n, timestampSec = 0n, ...rest } = next ?? {};
  const [simulated] = await chain.simulation?.simulate({
    number: head,
    blocks: [{
      overrides: { ...rest, number, timestampSec },
      state: new Map(),
      calls: transactions.map(toRequest),
    }],
    tracesTransfers: false,
    isValidated: true,
  }) ?? [];
  if (simulated === undefined) return undefined;
  const { block, calls } = simulated;
  const unsignedBytes = sumOf(block.transactions.map(({ raw }) => raw.length));
  return {
    gasUsed: calls.map(({ gasUsed }) => gasUsed),
    block: {
      ...block,
      sizeBytes: block.sizeBytes - unsignedBytes + sumOf(transactions.map(({ raw }) => raw.length)),
      header: {
        ...block.header,
        // A simulation has nobody's signatures; these transactions are signed.
        transactionsRoot: transactionsRoot(transactions.map(({ raw }) => raw)),
      },
      transactions,
    },
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function toRequest({ tx, sender }: ChainTransaction): TransactionRequest {
  const isPriced = tx.type === 0 || tx.type === 1;
  return {
    from: sender,
    to: tx.to,
    gas: tx.gasLimit,
    gasPrice: isPriced ? tx.maxFeePerGasWei : undefined,
    maxFeePerGas: isPriced ? undefined : tx.maxFeePerGasWei,
    maxPriorityFeePerGas: isPriced ? undefined : tx.maxPriorityFeePerGasWei,
    value: tx.valueWei,
    nonce: tx.nonce,
    data: tx.data,
    accessList: tx.type === 0 ? undefined : tx.accessList,
    authorizationList: tx.type === 4 ? tx.authorizations : undefined,
    chainId: undefined,
    maxFeePerBlobGas: tx.maxFeePerBlobGasWei,
    blobVersionedHashes: tx.blobHashes,
  };
}
