/**
 * Blocks on disk: what a row of `blocks` holds and how it is read back.
 *
 * Owns the codecs of bodies, receipts and diffs as stored. Does not own consensus encodings, which
 * are in `types`, or the codec of what transactions used (`usages.ts`).
 * @module
 */
import { ByteReader } from "../primitives/bytes.ts";
import { assert, RollupError } from "../primitives/errors.ts";
import {
  type Address,
  bytesToAddress,
  bytesToHash32,
  type Hash32,
  hexToBytes,
} from "../primitives/hex.ts";
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from "../primitives/rlp.ts";
import type { BatchCounters } from "../types/batch.ts";
import { type BlockHeader, decodeHeader, encodeHeader, headerHash } from "../types/block.ts";
import { fieldsToReceipt, type Receipt, receiptToFields } from "../types/receipt.ts";
import type { StateDiff } from "../types/state.ts";
import type { TxUsage } from "../vm/executor.ts";
import { readBlob, writeBlob } from "./blob.ts";
import { BLOCK_NUMBERS, type BlockRow, BLOCKS, TX_POSITIONS } from "./schema.ts";
import { readRow, requireRow, type StoreErrorCode } from "./table.ts";
import { decodeUsages, encodeUsages, rowToCounters } from "./usages.ts";
import type { WriteSet } from "./write_set.ts";

/** An included transaction as stored: its bytes and who sent it. */
export interface StoredTx {
  readonly hash: Hash32;
  readonly raw: Uint8Array;
  readonly sender: Address;
}

/** A block with all that it did. */
export interface StoredBlock {
  readonly header: BlockHeader;
  readonly hash: Hash32;
  /** Leaves of the state tree after this block. */
  readonly leafCount: bigint;
  /** What the block adds to its batch. */
  readonly counters: BatchCounters;
  /** Number of the last L1->L2 operation that is consumed after this block. */
  readonly lastOperation: bigint;
  /** How many of the first transactions came as operations: batch data do not repeat them. */
  readonly operationTxCount: number;
  readonly transactions: readonly StoredTx[];
  readonly receipts: readonly Receipt[];
  /** What each transaction used. */
  readonly usages: readonly TxUsage[];
  readonly diffs: readonly StateDiff[];
}

/** What a block's row says without its body. */
export type BlockSummary = Omit<
  StoredBlock,
  "transactions" | "receipts" | "usages" | "diffs"
>;

/** The summary of a block that is at hand. */
export function toSummary(block: StoredBlock): BlockSummary {
  const { header, hash, leafCount, counters, lastOperation, operationTxCount } = block;
  return { header, hash, leafCount, counters, lastOperation, operationTxCount };
}

/**
 * Adds a block to a commit. What is too large for that is stored at once; it stays invisible until
 * the commit that points to it.
 */
export async function stageBlock(
  kv: Deno.Kv,
  writes: WriteSet,
  block: StoredBlock,
): Promise<void> {
  const { header } = block;
  for (const [index, tx] of block.transactions.entries()) {
    writes.set(TX_POSITIONS, [hexToBytes(tx.hash)], { blockNumber: header.number, index });
  }
  const hash = hexToBytes(block.hash);
  const { blockCount, ...counters } = block.counters;
  assert(blockCount === 1, "the counters of a block are of one block");
  writes.set(BLOCKS, [header.number], {
    header: encodeHeader(header),
    hash,
    leafCount: block.leafCount,
    ...counters,
    lastOperation: block.lastOperation,
    operationTxCount: block.operationTxCount,
    bodyBlob: await writeBlob(kv, encodeBody(block.transactions), writes),
    receiptsBlob: await writeBlob(kv, encodeStoredReceipts(block.receipts), writes),
    usagesBlob: await writeBlob(kv, encodeUsages(block.usages), writes),
    diffsBlob: await writeBlob(kv, encodeDiffs(block.diffs), writes),
  });
  writes.set(BLOCK_NUMBERS, [hash], header.number);
}

/** Takes the rows of a block away again; the inverse of {@linkcode stageBlock}. */
export function unstageBlock(writes: WriteSet, block: StoredBlock): void {
  writes.delete(BLOCKS, [block.header.number]);
  writes.delete(BLOCK_NUMBERS, [hexToBytes(block.hash)]);
  for (const tx of block.transactions) writes.delete(TX_POSITIONS, [hexToBytes(tx.hash)]);
}

/** The header of block `number`, or `undefined` when there is no such block. */
export async function readBlockSummary(
  kv: Deno.Kv,
  number: bigint,
): Promise<BlockSummary | undefined> {
  const row = await readRow(kv, BLOCKS, [number]);
  return row === undefined ? undefined : rowToSummary(row);
}

/** Like {@linkcode readBlockSummary} for a block that must exist. */
export async function requireBlockSummary(kv: Deno.Kv, number: bigint): Promise<BlockSummary> {
  return rowToSummary(await requireRow(kv, BLOCKS, [number]));
}

/** The whole block `number`, or `undefined` when there is no such block. */
export async function readBlock(kv: Deno.Kv, number: bigint): Promise<StoredBlock | undefined> {
  const row = await readRow(kv, BLOCKS, [number]);
  if (row === undefined) return undefined;
  const [body, receipts, usages, diffs] = await Promise.all([
    readBlob(kv, row.bodyBlob),
    readBlob(kv, row.receiptsBlob),
    readBlob(kv, row.usagesBlob),
    readBlob(kv, row.diffsBlob),
  ]);
  return {
    ...rowToSummary(row),
    transactions: decodeBody(body),
    receipts: decodeStoredReceipts(receipts),
    usages: decodeUsages(usages),
    diffs: decodeDiffs(diffs),
  };
}

/** Like {@linkcode readBlock} for a block that must exist. */
export async function requireBlock(kv: Deno.Kv, number: bigint): Promise<StoredBlock> {
  const block = await readBlock(kv, number);
  if (block !== undefined) return block;
  await requireRow(kv, BLOCKS, [number]);
  throw new Error("unreachable: the row was just missing");
}

/** Only the transactions of block `number`. */
export async function readTransactions(kv: Deno.Kv, number: bigint): Promise<readonly StoredTx[]> {
  const row = await requireRow(kv, BLOCKS, [number]);
  return decodeBody(await readBlob(kv, row.bodyBlob));
}

/** Only the state diffs of block `number`. */
export async function readDiffs(kv: Deno.Kv, number: bigint): Promise<readonly StateDiff[]> {
  const row = await requireRow(kv, BLOCKS, [number]);
  return decodeDiffs(await readBlob(kv, row.diffsBlob));
}

function rowToSummary(row: BlockRow): BlockSummary {
  const header = decodeHeader(row.header);
  const hash = bytesToHash32(row.hash);
  if (headerHash(header) !== hash) {
    throw new RollupError<StoreErrorCode>(
      "STORE_ROW_CORRUPT",
      `Cannot read block ${header.number}: its header does not have the hash it is stored with`,
      {
        details: { blockNumber: header.number, hash },
        mend: "The data folder is damaged: restore a copy of it, or delete it and start again.",
      },
    );
  }
  const { leafCount, lastOperation, operationTxCount } = row;
  const counters = rowToCounters(row, 1);
  return { header, hash, leafCount, counters, lastOperation, operationTxCount };
}

function encodeBody(transactions: readonly StoredTx[]): Uint8Array {
  return encodeRlp(transactions.map((tx) => [
    hexToBytes(tx.hash),
    hexToBytes(tx.sender),
    tx.raw,
  ]));
}

function decodeBody(bytes: Uint8Array): StoredTx[] {
  return rlpList(decodeRlp(bytes)).map((item) => {
    const [hash, sender, raw] = rlpList(item, 3);
    return {
      hash: bytesToHash32(rlpBytes(hash, 32)),
      sender: bytesToAddress(rlpBytes(sender, 20)),
      raw: rlpBytes(raw),
    };
  });
}

function encodeStoredReceipts(receipts: readonly Receipt[]): Uint8Array {
  return encodeRlp(receipts.map(receiptToFields));
}

function decodeStoredReceipts(bytes: Uint8Array): Receipt[] {
  return rlpList(decodeRlp(bytes)).map((item) => fieldsToReceipt(rlpList(item)));
}

const DIFF_BYTES = 116;

/** 116 bytes each: address, slot, old value, new value. */
function encodeDiffs(diffs: readonly StateDiff[]): Uint8Array {
  const bytes = new Uint8Array(DIFF_BYTES * diffs.length);
  for (const [index, diff] of diffs.entries()) {
    const start = DIFF_BYTES * index;
    bytes.set(hexToBytes(diff.address), start);
    bytes.set(hexToBytes(diff.slot), start + 20);
    bytes.set(hexToBytes(diff.oldValue), start + 52);
    bytes.set(hexToBytes(diff.newValue), start + 84);
  }
  return bytes;
}

function decodeDiffs(bytes: Uint8Array): StateDiff[] {
  const reader = new ByteReader(bytes);
  const diffs: StateDiff[] = [];
  while (reader.remainingBytes() > 0) {
    diffs.push({
      address: bytesToAddress(reader.take(20)),
      slot: bytesToHash32(reader.take(32)),
      oldValue: bytesToHash32(reader.take(32)),
      newValue: bytesToHash32(reader.take(32)),
    });
  }
  return diffs;
}
