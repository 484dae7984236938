/**
 * What a transaction should offer, and what others paid.
 *
 * Owns suggestions and `eth_feeHistory`. Does not own the base fee's rule (the chain's).
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import type { BlobMarket, ChainBackend, ChainBlock, ChainHeader } from "./chain.ts";
import { formatQuantity, type JsonObject } from "./format.ts";

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

/** The answer of `eth_feeHistory` for `count` blocks that end with `last`. */
export async function feeHistory(
  chain: ChainBackend,
  range: { readonly count: bigint; readonly last: bigint },
  percentiles: readonly number[] | undefined,
): Promise<JsonObject> {
  if (range.count === 0n) return { oldestBlock: "0x0", gasUsedRatio: null };
  const first = range.last + 1n > range.count ? range.last + 1n - range.count : 0n;
  const blocks = await readBlocks(chain, first, range.last);
  const head = await chain.numberOf("latest");
  const next = range.last < head ? await chain.header(range.last + 1n) : undefined;
  const nextBaseFeeWei = next === undefined
    ? await chain.nextBaseFeePerGasWei()
    : next.baseFeePerGasWei ?? 0n;
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
  for (const block of blocks) reward.push(await rewardsOf(chain, block, percentiles));
  return { ...history, reward };
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

/** The tip at each percentile of the block's gas, transactions sorted by tip. */
async function rewardsOf(
  chain: ChainBackend,
  block: ChainBlock,
  percentiles: readonly number[],
): Promise<readonly string[]> {
  const { number, baseFeePerGasWei = 0n, gasUsed } = block.header;
  const receipts = await chain.receipts(number);
  const paid = receipts.map(({ transaction, receipt }) => ({
    tipWei: effectiveGasPriceWei(transaction.tx, baseFeePerGasWei) - baseFeePerGasWei,
    gasUsed: receipt.gasUsed,
  })).sort((left, right) => left.tipWei < right.tipWei ? -1 : left.tipWei > right.tipWei ? 1 : 0);
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
