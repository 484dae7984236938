/**
 * What transactions used, on disk: rows of counters, and usages as bytes.
 *
 * Owns both translations. Does not own what is counted (`types/counters.ts`, `vm/executor.ts`).
 * @module
 */
import { assert, RollupError } from "../primitives/errors.ts";
import {
  countToRlp,
  decodeRlp,
  encodeRlp,
  type RlpItem,
  rlpList,
  rlpUint,
  uintToRlp,
} from "../primitives/rlp.ts";
import type { BatchCounters } from "../types/batch.ts";
import type { TxUsage } from "../vm/executor.ts";
import type { CountersRow } from "./schema.ts";
import type { StoreErrorCode } from "./table.ts";

/** The counters that a row holds beside its other fields, and how many blocks they are of. */
export function rowToCounters(row: CountersRow, blockCount: number): BatchCounters {
  return {
    gasUsed: row.gasUsed,
    txCount: row.txCount,
    stepCount: row.stepCount,
    keccakCount: row.keccakCount,
    sha256Count: row.sha256Count,
    ecrecoverCount: row.ecrecoverCount,
    modexpWork: row.modexpWork,
    pairingCount: row.pairingCount,
    curveOperationCount: row.curveOperationCount,
    memoryWordCount: row.memoryWordCount,
    storageReadCount: row.storageReadCount,
    storageWriteCount: row.storageWriteCount,
    logBytes: row.logBytes,
    pubdataBytes: row.pubdataBytes,
    blockCount,
    batchDataBytes: row.batchDataBytes,
    operationCount: row.operationCount,
  };
}

/** One RLP list a transaction: five numbers and its counters, each with its sign in the last bit. */
export function encodeUsages(usages: readonly TxUsage[]): Uint8Array {
  return encodeRlp(usages.map(usageToFields));
}

/** The inverse of {@linkcode encodeUsages}. @throws `RLP_INVALID`, `STORE_ROW_CORRUPT` */
export function decodeUsages(bytes: Uint8Array): TxUsage[] {
  return rlpList(decodeRlp(bytes)).map((item) => fieldsToUsage(rlpList(item, FIELD_COUNT)));
}

const FIELD_COUNT = 19;
/** Twice as much is still exact as a double. */
const MAX_DOUBLED = (Number.MAX_SAFE_INTEGER - 1) / 2;

function usageToFields(usage: TxUsage): RlpItem {
  const { counters } = usage;
  const fields = [
    usage.evmGasUsed,
    usage.pubdataGas,
    usage.pubdataBytes,
    usage.refundGas,
    usage.storageRefundGas,
    counters.gasUsed,
    counters.txCount,
    counters.stepCount,
    counters.keccakCount,
    counters.sha256Count,
    counters.ecrecoverCount,
    counters.modexpWork,
    counters.pairingCount,
    counters.curveOperationCount,
    counters.memoryWordCount,
    counters.storageReadCount,
    counters.storageWriteCount,
    counters.logBytes,
    counters.pubdataBytes,
  ];
  assert(fields.length === FIELD_COUNT, "a usage has as many fields as are read back");
  return fields.map((field) =>
    typeof field === "number" && field >= 0 && field <= MAX_DOUBLED
      ? countToRlp(2 * field)
      : signedToRlp(BigInt(field))
  );
}

function fieldsToUsage(fields: readonly RlpItem[]): TxUsage {
  let index = 0;
  const nextBigint = () => rlpToSigned(fields[index++]);
  const next = () => {
    const value = Number(nextBigint());
    if (!Number.isSafeInteger(value)) throw invalidUsage(index - 1, value);
    return value;
  };
  // Fields of an object are evaluated in the order in which they stand, which is that above.
  return {
    evmGasUsed: nextBigint(),
    pubdataGas: nextBigint(),
    pubdataBytes: next(),
    refundGas: nextBigint(),
    storageRefundGas: next(),
    counters: {
      gasUsed: nextBigint(),
      txCount: next(),
      stepCount: next(),
      keccakCount: next(),
      sha256Count: next(),
      ecrecoverCount: next(),
      modexpWork: next(),
      pairingCount: next(),
      curveOperationCount: next(),
      memoryWordCount: next(),
      storageReadCount: next(),
      storageWriteCount: next(),
      logBytes: next(),
      pubdataBytes: next(),
    },
  };
}

function signedToRlp(value: bigint): Uint8Array {
  return uintToRlp(value < 0n ? -2n * value - 1n : 2n * value);
}

function rlpToSigned(item: RlpItem | undefined): bigint {
  const folded = rlpUint(item);
  return (folded & 1n) === 1n ? -(folded + 1n) / 2n : folded / 2n;
}

function invalidUsage(index: number, value: number): RollupError<StoreErrorCode> {
  return new RollupError(
    "STORE_ROW_CORRUPT",
    `Cannot read what a transaction used: field ${index} is ${value}`,
    {
      details: { index, value },
      mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
    },
  );
}
