/**
 * What execution used of everything that a proof, a witness or L1 bounds.
 *
 * Owns the counters and adding them up. Does not own counting (`vm`) or limits
 * (`batching/seal_policy.ts`).
 * @module
 */

/** What execution used, to be held against the limits of sealing. */
export interface ExecutionCounters {
  readonly gasUsed: bigint;
  readonly txCount: number;
  /** Opcodes. */
  readonly stepCount: number;
  /** Permutations: one for each started 136 bytes. */
  readonly keccakCount: number;
  /** Compressions: one for each started 64 bytes, padding included. */
  readonly sha256Count: number;
  readonly ecrecoverCount: number;
  /** Product of operand length squared and iterations of all modular exponentiations. */
  readonly modexpWork: number;
  /** Pairs of all pairing checks. */
  readonly pairingCount: number;
  /** Additions, multiplications and maps on curves. */
  readonly curveOperationCount: number;
  /** Words by which EVM memories grew. */
  readonly memoryWordCount: number;
  readonly storageReadCount: number;
  readonly storageWriteCount: number;
  readonly logBytes: number;
  /** Bytes of state diffs that the block would publish. */
  readonly pubdataBytes: number;
}

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
