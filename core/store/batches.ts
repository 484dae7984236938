/**
 * Batches on disk: rows of `batches` as domain values and back.
 *
 * Owns that translation. Does not own sealing or a batch's status.
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import { address, hash32 } from "../primitives/hex.ts";
import { batchNumber, blockNumber } from "../primitives/units.ts";
import { type Batch, isSealReason } from "../types/batch.ts";
import { readBlob } from "./blob.ts";
import { BATCHES, type BatchRow } from "./schema.ts";
import { readRow, type StoreErrorCode } from "./table.ts";
import { rowToCounters } from "./usages.ts";

/** Batch `number`, or `undefined` when it is not sealed. */
export async function readBatch(kv: Deno.Kv, number: bigint): Promise<Batch | undefined> {
  const row = await readRow(kv, BATCHES, [number]);
  return row === undefined ? undefined : rowToBatch(number, row);
}

/**
 * Batch `number`.
 *
 * @throws `STORE_ROW_MISSING` when it is not sealed though a checkpoint says so.
 */
export async function requireBatch(kv: Deno.Kv, number: bigint): Promise<Batch> {
  const batch = await readBatch(kv, number);
  if (batch !== undefined) return batch;
  throw new RollupError<StoreErrorCode>(
    "STORE_ROW_MISSING",
    `Cannot read batch ${number}: it is not in the data folder`,
    {
      details: { batchNumber: number },
      mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
    },
  );
}

/** The bytes that L1 gets for batch `number`. */
export async function readBatchData(kv: Deno.Kv, number: bigint): Promise<Uint8Array> {
  await requireBatch(kv, number);
  const row = await readRow(kv, BATCHES, [number]);
  return await readBlob(kv, row?.dataBlob ?? new Uint8Array(0));
}

/** A batch as its row, `dataBlob` included. */
export function batchToRow(batch: Batch, dataBlob: Uint8Array): BatchRow {
  const { number: _number, counters, ...rest } = batch;
  return { ...rest, ...counters, dataBlob };
}

function rowToBatch(number: bigint, row: BatchRow): Batch {
  const { sealReason } = row;
  if (!isSealReason(sealReason)) {
    throw new RollupError<StoreErrorCode>(
      "STORE_ROW_CORRUPT",
      `Cannot read batch ${number}: "${sealReason}" is no seal reason`,
      {
        details: { batchNumber: number, sealReason },
        mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
      },
    );
  }
  return {
    number: batchNumber(number),
    firstBlock: blockNumber(row.firstBlock),
    lastBlock: blockNumber(row.lastBlock),
    oldStateRoot: hash32(row.oldStateRoot),
    oldLeafCount: row.oldLeafCount,
    newStateRoot: hash32(row.newStateRoot),
    newLeafCount: row.newLeafCount,
    oldAccInputHash: hash32(row.oldAccInputHash),
    newAccInputHash: hash32(row.newAccInputHash),
    batchDataHash: hash32(row.batchDataHash),
    l1ToL2RollingHash: hash32(row.l1ToL2RollingHash),
    lastOperation: row.lastOperation,
    limitTimestampSec: row.limitTimestampSec,
    coinbase: address(row.coinbase),
    sealReason,
    counters: rowToCounters(row, row.blockCount),
  };
}
