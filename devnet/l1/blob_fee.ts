/**
 * The price of blob gas and what it follows from (EIP-4844, EIP-7918).
 *
 * Owns both formulas for every fork. Does not own the parameters (`forks.ts`).
 * @module
 */
import type { ChainHeader } from "../rpc/chain.ts";
import { type BlobParams, GAS_PER_BLOB, type L1Rules } from "./forks.ts";

/** EIP-4844: the least that a unit of blob gas costs. */
const MIN_BLOB_BASE_FEE_WEI = 1n;
/** No transaction can offer more: caps have 256 bits. */
const MAX_BLOB_BASE_FEE_WEI = (1n << 256n) - 1n;
/** e to this power is above that; a genesis may ask for powers that take forever to work out. */
const MAX_EXPONENT = 178n;
/** EIP-7918: gas whose price the price of a blob should not fall below. */
const BLOB_BASE_COST = 8_192n;

/**
 * Price in wei of a unit of blob gas in a block with `excessBlobGas` (`fake_exponential`), or what
 * nobody can pay where it is above that.
 */
export function blobBaseFeeWei(excessBlobGas: bigint, { updateFraction }: BlobParams): bigint {
  if (excessBlobGas >= MAX_EXPONENT * updateFraction) return MAX_BLOB_BASE_FEE_WEI;
  let sum = 0n;
  let term = MIN_BLOB_BASE_FEE_WEI * updateFraction;
  for (let step = 1n; term > 0n; step++) {
    sum += term;
    term = (term * excessBlobGas) / (updateFraction * step);
  }
  return sum / updateFraction;
}

/** Excess of the block after `parent`, which has `rules`; `undefined` before Cancun. */
export function nextExcessBlobGas(
  parent: Pick<ChainHeader, "excessBlobGas" | "blobGasUsed" | "baseFeePerGasWei">,
  { blobs, isActive }: L1Rules,
): bigint | undefined {
  if (blobs === undefined) return undefined;
  const { excessBlobGas = 0n, blobGasUsed = 0n, baseFeePerGasWei = 0n } = parent;
  const targetGas = blobs.targetBlobs * GAS_PER_BLOB;
  const total = excessBlobGas + blobGasUsed;
  if (total < targetGas) return 0n;
  const isTooCheap = BLOB_BASE_COST * baseFeePerGasWei >
    GAS_PER_BLOB * blobBaseFeeWei(excessBlobGas, blobs);
  if (!isActive("osaka") || !isTooCheap || blobs.maxBlobs === 0n) return total - targetGas;
  return excessBlobGas + blobGasUsed * (blobs.maxBlobs - blobs.targetBlobs) / blobs.maxBlobs;
}
