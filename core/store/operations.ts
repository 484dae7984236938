/**
 * L1->L2 operations and virtual batches on disk, as L1 has them.
 *
 * Owns reading their rows as domain values. Rows above the synchronized L1 block belong to a step
 * that was not finished and do not count. Does not own writing them (`pipeline/stages/sync_l1.ts`).
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import { type Address, address, type Hash32, hash32 } from "../primitives/hex.ts";
import { readBlob } from "./blob.ts";
import {
  CHECKPOINTS,
  type OperationRow,
  OPERATIONS,
  VIRTUAL_BATCHES,
  type VirtualBatchRow,
} from "./schema.ts";
import { type Kv, listRows, readRow } from "./table.ts";

/** Codes of this file. */
export type OperationErrorCode = "OPERATION_UNKNOWN";

/** An entry of the L1 queue. */
export interface StoredOperation {
  /** From 1. */
  readonly number: bigint;
  /** Meant to be an EIP-2718 transaction; any bytes. */
  readonly raw: Uint8Array;
  readonly hash: Hash32;
  /** Rolling hash of all operations up to this one. */
  readonly rollingHash: Hash32;
  /** Who put it into the queue. */
  readonly sender: Address;
  /** L1 time from which on the sequencer cannot pass it by. */
  readonly deadlineSec: bigint;
  readonly l1BlockNumber: bigint;
  readonly transactionHash: Hash32;
}

/** A batch as L1 has it. */
export interface VirtualBatch {
  readonly number: bigint;
  readonly l1BlockNumber: bigint;
  readonly transactionHash: Hash32;
  /** `sequenced` by the sequencer, or `forced` by anyone. */
  readonly kind: "sequenced" | "forced";
  readonly batchDataHash: Hash32;
  readonly limitTimestampSec: bigint;
  readonly coinbase: Address;
  readonly lastOperation: bigint;
  readonly l1ToL2RollingHash: Hash32;
  readonly accInputHash: Hash32;
  readonly dataBlob: Uint8Array;
}

/** Operation `number`, or `undefined` when L1, as far as it was read, does not have it. */
export async function readOperation(
  kv: Kv,
  number: bigint,
): Promise<StoredOperation | undefined> {
  const row = await readRow(kv, OPERATIONS, [number]);
  if (row === undefined || row.isLost || !await isRead(kv, row.l1BlockNumber)) return undefined;
  return await rowToOperation(kv, number, row);
}

/**
 * The operations `first` to `last`, both included; none when `last` is below `first`.
 *
 * @throws `OPERATION_UNKNOWN` when L1, as far as it was read, lacks one of them.
 */
export async function requireOperations(
  kv: Kv,
  first: bigint,
  last: bigint,
): Promise<readonly StoredOperation[]> {
  const operations: StoredOperation[] = [];
  for (let number = first; number <= last; number++) {
    const operation = await readOperation(kv, number);
    if (operation === undefined) throw operationUnknown(number);
    operations.push(operation);
  }
  return operations;
}

/** The number of the latest operation that was read from L1; 0 when there is none. */
export async function lastQueuedOperation(kv: Kv): Promise<bigint> {
  const synced = await syncedL1Block(kv);
  for await (const { key, value } of listRows(kv, OPERATIONS, { reverse: true })) {
    const [, number] = key;
    if (typeof number !== "bigint" || value.isLost) continue;
    if (value.l1BlockNumber <= synced) return number;
  }
  return 0n;
}

/** Batch `number` as L1 has it, or `undefined` when it is not virtual, as far as L1 was read. */
export async function readVirtualBatch(
  kv: Kv,
  number: bigint,
): Promise<VirtualBatch | undefined> {
  const row = await readRow(kv, VIRTUAL_BATCHES, [number]);
  if (row === undefined || !await isRead(kv, row.l1BlockNumber)) return undefined;
  return rowToVirtualBatch(number, row);
}

/** A row of `virtual_batches` as a domain value. */
export function rowToVirtualBatch(number: bigint, row: VirtualBatchRow): VirtualBatch {
  return {
    number,
    l1BlockNumber: row.l1BlockNumber,
    transactionHash: hash32(row.transactionHash),
    kind: row.kind === "forced" ? "forced" : "sequenced",
    batchDataHash: hash32(row.batchDataHash),
    limitTimestampSec: row.limitTimestampSec,
    coinbase: address(row.coinbase),
    lastOperation: row.lastOperation,
    l1ToL2RollingHash: hash32(row.l1ToL2RollingHash),
    accInputHash: hash32(row.accInputHash),
    dataBlob: row.dataBlob,
  };
}

async function rowToOperation(
  kv: Kv,
  number: bigint,
  row: OperationRow,
): Promise<StoredOperation> {
  return {
    number,
    raw: await readBlob(kv, row.rawBlob),
    hash: hash32(row.hash),
    rollingHash: hash32(row.rollingHash),
    sender: address(row.sender),
    deadlineSec: row.deadlineSec,
    l1BlockNumber: row.l1BlockNumber,
    transactionHash: hash32(row.transactionHash),
  };
}

async function isRead(kv: Kv, l1BlockNumber: bigint): Promise<boolean> {
  return l1BlockNumber <= await syncedL1Block(kv);
}

async function syncedL1Block(kv: Kv): Promise<bigint> {
  return await readRow(kv, CHECKPOINTS, ["sync_l1"]) ?? 0n;
}

function operationUnknown(number: bigint): RollupError<OperationErrorCode> {
  return new RollupError(
    "OPERATION_UNKNOWN",
    `Cannot use L1->L2 operation ${number} as L1 must have it: it was not read there`,
    {
      details: { operation: number },
      mend: "Run `sync` to read what L1 has now; a reorganisation may have taken it back.",
    },
  );
}
