/**
 * What a transaction should offer, and what others paid.
 *
 * Owns suggestions and `eth_feeHistory`. Does not own the base fee's rule (the chain's).
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import { nextBaseFeePerGasWei } from "../../core/vm/block_environment.ts";
import type {
  BlobMarket,
  ChainBackend,
  ChainBlock,
  ChainHeader,
  ChainTransaction,
} from "./chain.ts";
import { formatQuantity, type JsonObject } from "./format.ts";
import type { PendingBlock } from "./pending_block.ts";

/** The tip that is suggested: 1 gwei, as anvil does. A block of a devnet is never contended. */
export const SUGGESTED_PRIORITY_FEE_WEI = 1_000_000_000n;

/** A price per gas that a legacy transaction is included with. */
export async function suggestGasPriceWei(chain: ChainBackend): Promise<bigint> {
  return await chain.nextBaseFeePerGasWei() + SUGGESTED_PRIORITY_FEE_WEI;
}

/** Prices of blobs on a chain that has none: the least there is. */
const NO_BLOBS: BlobMarket = { baseFeeWei: 1n, nextBaseFeeWei: 1n, maxBlobGas: 0n };

/** What blob gas costs at `header`; 0 in blocks from before blobs, as geth tells it. */
export function blobMarketOf(chain: ChainBackend, header: ChainHeader): BlobMarket {
  if (header.excessBlobGas === undefined) {
    return { ...NO_BLOBS, baseFeeWei: 0n, nextBaseFeeWei: 0n };
  }
  return chain.blobMarket?.(header) ?? NO_BLOBS;
}

/**
 * The answer of `eth_feeHistory` for `count` blocks that end with `newest`: the number of one that
 * there is, or the block to come.
 */
export async function feeHistory(
  chain: ChainBackend,
  { count, newest }: { readonly count: bigint; readonly newest: bigint | PendingBlock },
  percentiles: readonly number[] | undefined,
): Promise<JsonObject> {
  if (count === 0n) return { oldestBlock: "0x0", gasUsedRatio: null };
  const pending = typeof newest === "bigint" ? undefined : newest;
  const last = typeof newest === "bigint" ? newest : newest.block.header.number;
  const first = last + 1n > count ? last + 1n - count : 0n;
  const blocks = pending === undefined
    ? await readBlocks(chain, first, last)
    : [...await readBlocks(chain, first, last - 1n), pending.block];
  const nextBaseFeeWei = await baseFeeAfter(chain, last, pending);
  const headers = blocks.map(({ header }) => header);
  const markets = headers.map((header) => blobMarketOf(chain, header));
  const history: JsonObject = {
    oldestBlock: formatQuantity(first),
    baseFeePerGas: [...headers.map((header) => header.baseFeePerGasWei ?? 0n), nextBaseFeeWei]
      .map(formatQuantity),
    gasUsedRatio: headers.map(({ gasUsed, gasLimit }) => ratio(gasUsed, gasLimit)),
    baseFeePerBlobGas: [
      ...markets.map(({ baseFeeWei }) => baseFeeWei),
      markets.at(-1)?.nextBaseFeeWei ?? 0n,
    ].map(formatQuantity),
    blobGasUsedRatio: headers.map(({ blobGasUsed = 0n }, index) =>
      ratio(blobGasUsed, markets[index]?.maxBlobGas ?? 0n)
    ),
  };
  if (percentiles === undefined || percentiles.length === 0) return history;
  const reward = [];
  for (const block of blocks) {
    const paid = block === pending?.block ? paidIn(pending) : await paidAt(chain, block);
    reward.push(rewardsOf(block, paid, percentiles));
  }
  return { ...history, reward };
}

/** The base fee of the block after number `last`, which is the block to come if there is one. */
async function baseFeeAfter(
  chain: ChainBackend,
  last: bigint,
  pending: PendingBlock | undefined,
): Promise<bigint> {
  if (pending !== undefined) {
    const { gasLimit, gasUsed, baseFeePerGasWei } = pending.block.header;
    if (baseFeePerGasWei === undefined) return 0n;
    return nextBaseFeePerGasWei({ gasLimit, gasUsed, baseFeePerGasWei });
  }
  const head = await chain.numberOf("latest");
  const next = last < head ? await chain.header(last + 1n) : undefined;
  return next === undefined ? await chain.nextBaseFeePerGasWei() : next.baseFeePerGasWei ?? 0n;
}

async function readBlocks(
  chain: ChainBackend,
  first: bigint,
  last: bigint,
): Promise<readonly ChainBlock[]> {
  const blocks: ChainBlock[] = [];
  for (let number = first; number <= last; number++) {
    const block = await chain.block(number);
    assert(block !== undefined, "every block up to the head is there");
    blocks.push(block);
  }
  return blocks;
}

/** What a transaction of a block gave its miner. */
interface PaidGas {
  readonly tipWei: bigint;
  readonly gasUsed: bigint;
}

async function paidAt(chain: ChainBackend, { header }: ChainBlock): Promise<readonly PaidGas[]> {
  const receipts = await chain.receipts(header.number);
  return receipts.map(({ transaction, receipt }) => ({
    tipWei: tipOf(transaction, header),
    gasUsed: receipt.gasUsed,
  }));
}

function paidIn({ block, gasUsed }: PendingBlock): readonly PaidGas[] {
  return block.transactions.map((transaction, index) => ({
    tipWei: tipOf(transaction, block.header),
    gasUsed: gasUsed[index] ?? 0n,
  }));
}

function tipOf({ tx }: ChainTransaction, { baseFeePerGasWei = 0n }: ChainHeader): bigint {
  return effectiveGasPriceWei(tx, baseFeePerGasWei) - baseFeePerGasWei;
}

/** The tip at each percentile of the block's gas, transactions sorted by tip. */
function rewardsOf(
  { header: { gasUsed } }: ChainBlock,
  unsorted: readonly PaidGas[],
  percentiles: readonly number[],
): readonly string[] {
  const paid = unsorted.toSorted((left, right) =>
    left.tipWei < right.tipWei ? -1 : left.tipWei > right.tipWei ? 1 : 0
  );
  return percentiles.map((percentile) => {
    const threshold = BigInt(Math.floor((Number(gasUsed) * percentile) / 100));
    let reached = 0n;
    for (const entry of paid) {
      reached += entry.gasUsed;
      if (reached >= threshold) return formatQuantity(entry.tipWei);
    }
    return formatQuantity(paid.at(-1)?.tipWei ?? 0n);
  });
}

function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part) / Number(whole);
}
