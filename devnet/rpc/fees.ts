/**
 * What a transaction should offer, and what others paid.
 *
 * Owns suggestions and `eth_feeHistory`. Does not own the base fee's rule (the chain's).
 * @module
 */
import { assert } from "../../core/primitives/errors.ts";
import { effectiveGasPriceWei } from "../../core/types/tx.ts";
import type { ChainBackend, ChainBlock } from "./chain.ts";
import { formatQuantity, type JsonObject } from "./format.ts";

/** The tip that is suggested: 1 gwei, as anvil does. A block of a devnet is never contended. */
export const SUGGESTED_PRIORITY_FEE_WEI = 1_000_000_000n;

/** EIP-4844 as Prague has it; with no blobs ever the price is its least, 1 wei, under any fraction. */
const MIN_BLOB_BASE_FEE_WEI = 1n;
const BLOB_BASE_FEE_UPDATE_FRACTION = 5_007_716n;
const MAX_BLOB_GAS_PER_BLOCK = 1_179_648;

/** A price per gas that a legacy transaction is included with. */
export async function suggestGasPriceWei(chain: ChainBackend): Promise<bigint> {
  return await chain.nextBaseFeePerGasWei() + SUGGESTED_PRIORITY_FEE_WEI;
}

/** Price of blob gas after a block with this excess (EIP-4844, `fake_exponential`). */
export function blobBaseFeeWei(excessBlobGas: bigint): bigint {
  let sum = 0n;
  let term = MIN_BLOB_BASE_FEE_WEI * BLOB_BASE_FEE_UPDATE_FRACTION;
  for (let step = 1n; term > 0n; step++) {
    sum += term;
    term = (term * excessBlobGas) / (BLOB_BASE_FEE_UPDATE_FRACTION * step);
  }
  return sum / BLOB_BASE_FEE_UPDATE_FRACTION;
}

/** The answer of `eth_feeHistory` for `count` blocks that end with `last`. */
export async function feeHistory(
  chain: ChainBackend,
  range: { readonly count: bigint; readonly last: bigint },
  percentiles: readonly number[] | undefined,
): Promise<JsonObject> {
  const first = range.last + 1n > range.count ? range.last + 1n - range.count : 0n;
  const blocks = await readBlocks(chain, first, range.last);
  const head = await chain.numberOf("latest");
  const next = range.last < head ? await chain.header(range.last + 1n) : undefined;
  const nextBaseFeeWei = next?.baseFeePerGasWei ?? await chain.nextBaseFeePerGasWei();
  const headers = blocks.map(({ header }) => header);
  const lastExcess = next?.excessBlobGas ?? headers.at(-1)?.excessBlobGas ?? 0n;
  const history: JsonObject = {
    oldestBlock: formatQuantity(first),
    baseFeePerGas: [...headers.map((header) => header.baseFeePerGasWei), nextBaseFeeWei]
      .map(formatQuantity),
    gasUsedRatio: headers.map(({ gasUsed, gasLimit }) => ratio(gasUsed, gasLimit)),
    baseFeePerBlobGas: [...headers.map((header) => header.excessBlobGas), lastExcess]
      .map((excess) => formatQuantity(blobBaseFeeWei(excess))),
    blobGasUsedRatio: headers.map(({ blobGasUsed }) =>
      Number(blobGasUsed) / MAX_BLOB_GAS_PER_BLOCK
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
  const { number, baseFeePerGasWei, gasUsed } = block.header;
  const receipts = await chain.receipts(number);
  const paid = receipts.map(({ transaction, receipt }) => ({
    tipWei: effectiveGasPriceWei(transaction.tx, baseFeePerGasWei) - baseFeePerGasWei,
    gasUsed: receipt.gasUsed,
  })).sort((left, right) => Number(left.tipWei - right.tipWei));
  return percentiles.map((percentile) => {
    const threshold = (Number(gasUsed) * percentile) / 100;
    let reached = 0;
    for (const { tipWei, gasUsed } of paid) {
      reached += Number(gasUsed);
      if (reached >= threshold) return formatQuantity(tipWei);
    }
    return formatQuantity(paid.at(-1)?.tipWei ?? 0n);
  });
}

function ratio(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number(part) / Number(whole);
}
