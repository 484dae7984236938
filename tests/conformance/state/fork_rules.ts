/**
 * What the environment of a state test depends on its fork.
 *
 * Owns blob prices and limits (EIP-4844, 7691, 7594, 7840) and the cap of EIP-7825. Does not own
 * rules of the EVM, which are the program's.
 * @module
 */
import type { Fork } from "../../../core/vm/host/program.ts";

/** How many blobs there may be, and how their price moves (EIP-7840). */
export interface BlobSchedule {
  /** Of a block. */
  readonly maxBlobs: number;
  readonly updateFraction: bigint;
}

const BLOB_SCHEDULES: Readonly<Record<Fork, BlobSchedule>> = {
  Cancun: { maxBlobs: 6, updateFraction: 3_338_477n },
  Prague: { maxBlobs: 9, updateFraction: 5_007_716n },
  Osaka: { maxBlobs: 9, updateFraction: 5_007_716n },
};

/** EIP-7594. */
const OSAKA_MAX_BLOBS_PER_TX = 6;
/** EIP-7825. */
const OSAKA_MAX_TX_GAS = 1n << 24n;
/** EIP-4844's `MIN_BASE_FEE_PER_BLOB_GAS`, in wei. */
const MIN_BLOB_BASE_FEE_WEI = 1n;

/** The bounds and prices of one transaction. */
export interface ForkRules {
  readonly maxBlobs: number;
  readonly blobBaseFeeWei: bigint;
  /** 0 for no bound. */
  readonly maxTxGas: bigint;
}

/** What holds under `fork` at this excess blob gas; `schedule` is a chain's own. */
export function forkRules(
  fork: Fork,
  excessBlobGas: bigint,
  schedule: BlobSchedule = BLOB_SCHEDULES[fork],
): ForkRules {
  const isOsaka = fork === "Osaka";
  return {
    maxBlobs: isOsaka ? Math.min(schedule.maxBlobs, OSAKA_MAX_BLOBS_PER_TX) : schedule.maxBlobs,
    blobBaseFeeWei: approximateExponential(
      MIN_BLOB_BASE_FEE_WEI,
      excessBlobGas,
      schedule.updateFraction,
    ),
    maxTxGas: isOsaka ? OSAKA_MAX_TX_GAS : 0n,
  };
}

/** `factor * e ** (numerator / denominator)` by Taylor's series, as EIP-4844 rounds it. */
function approximateExponential(factor: bigint, numerator: bigint, denominator: bigint): bigint {
  let sum = 0n;
  let term = factor * denominator;
  for (let step = 1n; term > 0n; step++) {
    sum += term;
    term = term * numerator / (denominator * step);
  }
  return sum / denominator;
}
