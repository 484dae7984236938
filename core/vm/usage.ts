/**
 * The usage of an EVM that counts nothing but gas.
 *
 * Owns that record. Does not own the sums of counters (`types/counters.ts`).
 * @module
 */
import { NO_COUNTERS } from "../types/counters.ts";
import type { TxUsage } from "./executor.ts";

/** The usage of a transaction on an EVM without metering, such as an L1's. */
export function evmUsage(gasUsed: bigint): TxUsage {
  return {
    evmGasUsed: gasUsed,
    pubdataGas: 0n,
    pubdataBytes: 0,
    refundGas: 0n,
    storageRefundGas: 0,
    counters: { ...NO_COUNTERS, gasUsed, txCount: 1 },
  };
}
