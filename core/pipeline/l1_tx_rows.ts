/**
 * Our transactions to L1 on disk: intents with their signed attempts, and void nonces.
 *
 * An intent lies under its stage and last batch. One whose batches were replaced is void: it moves
 * under its sender and nonce, as L1 may still have it waiting, and stays there until another
 * transaction has that nonce. Owns those rows. Does not own what is done with them (`l1_sender.ts`).
 * @module
 */
import { isMonitoredStatus, type MonitoredStatus } from "../l1/monitored_tx.ts";
import type { SignedAttempt } from "../l1/monitored_tx.ts";
import { assert } from "../primitives/errors.ts";
import { hash32 } from "../primitives/hex.ts";
import { areaLog } from "../primitives/ports.ts";
import { L1_ATTEMPTS, L1_TXS, type L1AttemptRow, type L1TxRow } from "../store/schema.ts";
import { type Kv, listRows, readRow, requireRow } from "../store/table.ts";
import { createWriteSet, type WriteSet } from "../store/write_set.ts";
import type { Node } from "./node.ts";

/** The stages that send to L1. */
export const SENDING_STAGES = ["sequence_batch", "verify_batch"] as const;
/** A stage that sends to L1. */
export type SendingStage = typeof SENDING_STAGES[number];

/** A stored attempt. */
export interface StoredAttempt extends SignedAttempt {
  readonly rawBlob: Uint8Array;
}

/** A stored transaction: an intent, or what has a void nonce. */
export interface StoredL1Tx {
  /** A stage id, or the sender of a void transaction. */
  readonly owner: string;
  /** Last batch, or nonce of a void transaction. */
  readonly number: bigint;
  readonly row: L1TxRow;
  readonly status: MonitoredStatus;
  readonly nonce: bigint;
  readonly attempts: readonly StoredAttempt[];
}

/** A row with the last batch that is its key. */
export interface NumberedL1TxRow {
  readonly lastBatch: bigint;
  readonly row: L1TxRow;
}

/** Above every batch number and every nonce. */
const END = 1n << 64n;
const REPLACED = "replaced";

/** Rows of `owner` from number `first` to `last`, both included, ascending. */
export async function* listL1TxRows(
  kv: Kv,
  owner: string,
  first: bigint,
  last: bigint = END - 1n,
): AsyncGenerator<NumberedL1TxRow> {
  const range = { from: [owner, first], until: [owner, last + 1n] };
  for await (const { key, value } of listRows(kv, L1_TXS, range)) {
    const number = key[2];
    if (typeof number === "bigint") yield { lastBatch: number, row: value };
  }
}

/** Transactions of `owner` with a number above `above`, ascending. */
export async function readL1Txs(
  kv: Kv,
  owner: string,
  above: bigint,
): Promise<readonly StoredL1Tx[]> {
  const found: StoredL1Tx[] = [];
  for await (const { lastBatch, row } of listL1TxRows(kv, owner, above + 1n)) {
    found.push(await readAttempts(kv, owner, lastBatch, row));
  }
  return found;
}

/** All void transactions, of whichever sender. */
export async function readVoidL1Txs(kv: Kv): Promise<readonly StoredL1Tx[]> {
  const found: StoredL1Tx[] = [];
  // Their keys begin with addresses, those of the others with stage ids.
  const range = { from: ["0x"], until: ["0y"] };
  for await (const { key: [, owner, number], value } of listRows(kv, L1_TXS, range)) {
    if (typeof owner !== "string" || typeof number !== "bigint") continue;
    found.push(await readAttempts(kv, owner, number, value));
  }
  return found;
}

/** Our transaction that covers batch `number`: the one that counts, else one that failed. */
export async function findIntent(
  kv: Kv,
  stage: SendingStage,
  number: bigint,
): Promise<NumberedL1TxRow | undefined> {
  let failed: NumberedL1TxRow | undefined;
  for await (const found of listL1TxRows(kv, stage, number)) {
    // Those that count do not overlap, and the first one from here on covers the batch or starts later.
    if (found.row.status !== "failed") return found.row.firstBatch <= number ? found : failed;
    if (found.row.firstBatch <= number) failed ??= found;
  }
  return failed;
}

async function readAttempts(
  kv: Kv,
  owner: string,
  number: bigint,
  row: L1TxRow,
): Promise<StoredL1Tx> {
  const { status, nonce } = row;
  assert(isMonitoredStatus(status), "a stored transaction has a status of ours");
  const attempts: StoredAttempt[] = [];
  for (let index = 0n; index < BigInt(row.attemptCount); index++) {
    const attempt = await requireRow(kv, L1_ATTEMPTS, [owner, number, index]);
    attempts.push({ ...attempt, hash: hash32(attempt.hash) });
  }
  return { owner, number, row, status, nonce, attempts };
}

/** The attempt that L1 has, or is to get. */
export function latestAttempt(tx: StoredL1Tx): StoredAttempt {
  const latest = tx.attempts.at(-1);
  assert(latest !== undefined, "a transaction is stored with its first attempt");
  return latest;
}

/** Writes a transaction with its first attempt, in the place of whatever has its key. */
export async function stageFirstAttempt(
  kv: Kv,
  writes: WriteSet,
  tx: { readonly owner: string; readonly number: bigint; readonly row: L1TxRow },
  attempt: L1AttemptRow,
): Promise<void> {
  const before = await readRow(kv, L1_TXS, [tx.owner, tx.number]);
  for (let index = 1n; index < BigInt(before?.attemptCount ?? 0); index++) {
    writes.delete(L1_ATTEMPTS, [tx.owner, tx.number, index]);
  }
  writes.set(L1_TXS, [tx.owner, tx.number], tx.row);
  writes.set(L1_ATTEMPTS, [tx.owner, tx.number, 0n], attempt);
}

/** Deletes a transaction with all its attempts. */
export function stageRemoval(writes: WriteSet, { owner, number, row }: StoredL1Tx): void {
  writes.delete(L1_TXS, [owner, number]);
  for (let index = 0n; index < BigInt(row.attemptCount); index++) {
    writes.delete(L1_ATTEMPTS, [owner, number, index]);
  }
}

/**
 * Makes transactions void, the latest first, each in one commit: of their attempts only the dearest
 * is kept, as that is what a replacement must outbid. Of a failed one nothing is left.
 */
export async function makeVoid(node: Node, txs: readonly StoredL1Tx[]): Promise<void> {
  for (const tx of txs.toReversed()) {
    const writes = createWriteSet(node.kv);
    stageRemoval(writes, tx);
    if (tx.status !== "failed") {
      const latest = latestAttempt(tx);
      const row: L1TxRow = {
        ...tx.row,
        status: "failed",
        reason: REPLACED,
        hash: latest.hash,
        attemptCount: 1,
        l1BlockNumber: undefined,
        gasUsed: undefined,
      };
      const place = { owner: tx.row.from, number: tx.nonce, row };
      await stageFirstAttempt(node.kv, writes, place, { ...latest });
    }
    await writes.commit();
    areaLog(node.log, "send").info("L1 transaction became void", {
      stage: tx.owner,
      batchNumber: tx.number,
      nonce: tx.nonce,
      hash: tx.row.hash,
    });
  }
}
