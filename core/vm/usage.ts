/**
 * Sums of what execution used.
 *
 * Owns adding counters up, and the usage of an EVM that counts nothing but gas. Does not own their
 * limits (`batching/seal_policy.ts`).
 * @module
 */
import type { ExecutionCounters, TxUsage } from "./executor.ts";

/** What nothing uses. */
export const NO_COUNTERS: ExecutionCounters = {
  gasUsed: 0n,
  txCount: 0,
  stepCount: 0,
  keccakCount: 0,
  sha256Count: 0,
  ecrecoverCount: 0,
  modexpWork: 0,
  pairingCount: 0,
  curveOperationCount: 0,
  memoryWordCount: 0,
  storageReadCount: 0,
  storageWriteCount: 0,
  logBytes: 0,
  pubdataBytes: 0,
};

/** The sum, or with `sign` -1 the difference, of both. */
export function addCounters(
  left: ExecutionCounters,
  right: ExecutionCounters,
  sign: 1 | -1 = 1,
): ExecutionCounters {
  return {
    gasUsed: left.gasUsed + BigInt(sign) * right.gasUsed,
    txCount: left.txCount + sign * right.txCount,
    stepCount: left.stepCount + sign * right.stepCount,
    keccakCount: left.keccakCount + sign * right.keccakCount,
    sha256Count: left.sha256Count + sign * right.sha256Count,
    ecrecoverCount: left.ecrecoverCount + sign * right.ecrecoverCount,
    modexpWork: left.modexpWork + sign * right.modexpWork,
    pairingCount: left.pairingCount + sign * right.pairingCount,
    curveOperationCount: left.curveOperationCount + sign * right.curveOperationCount,
    memoryWordCount: left.memoryWordCount + sign * right.memoryWordCount,
    storageReadCount: left.storageReadCount + sign * right.storageReadCount,
    storageWriteCount: left.storageWriteCount + sign * right.storageWriteCount,
    logBytes: left.logBytes + sign * right.logBytes,
    pubdataBytes: left.pubdataBytes + sign * right.pubdataBytes,
  };
}

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
