/**
 * Signing what goes to L1 and writing it down, before anything is sent.
 *
 * Owns nonce, fees and funds of a transaction and of its further attempts. Signing is deterministic,
 * and one commit holds the row and the signed bytes: who finds a row has the bytes. Does not own
 * when to write (`l1_sender.ts`) or which fees (`l1/monitored_tx.ts`).
 * @module
 */
import { keccak256 } from "../crypto/keccak.ts";
import type { L1Fees } from "../l1/l1_client.ts";
import { type FeeOffer, type NonceFacts } from "../l1/monitored_tx.ts";
import { type SignedL1Transaction, signL1Transaction, withFees } from "../l1/transaction.ts";
import { RollupError } from "../primitives/errors.ts";
import type { Address } from "../primitives/hex.ts";
import { areaLog } from "../primitives/ports.ts";
import { readBlob, writeBlob } from "../store/blob.ts";
import { L1_ATTEMPTS, L1_TXS, type L1AttemptRow, type L1TxRow } from "../store/schema.ts";
import { listRows } from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import {
  latestAttempt,
  readL1Txs,
  SENDING_STAGES,
  type SendingStage,
  stageFirstAttempt,
  stageRemoval,
  type StoredL1Tx,
} from "./l1_tx_rows.ts";
import { type L1Account, type Node, readCheckpoint } from "./node.ts";

/** Codes of this file. */
export type L1DraftErrorCode = "L1_INSUFFICIENT_FUNDS";

/** Everything of one sender that is under way, and the L1 at the moment. */
export interface SenderView {
  readonly node: Node;
  readonly stage: SendingStage;
  readonly from: L1Account;
  /** The stage's transactions above the checkpoint that can still be mined, ascending. */
  readonly live: readonly StoredL1Tx[];
  /** The stage's transactions above the checkpoint that failed: a record, until there is another. */
  readonly failed: readonly StoredL1Tx[];
  /** What another stage has under way with the same account. */
  readonly others: readonly StoredL1Tx[];
  /** Nonces of what was mined, in blocks that L1 has dropped and that are not unwound yet. */
  readonly droppedNonces: readonly bigint[];
  /** Void nonces of the sender that L1 has not passed. */
  readonly voids: readonly StoredL1Tx[];
  /** Void nonces that L1 has passed. */
  readonly settled: readonly StoredL1Tx[];
  readonly latestNonce: bigint;
  readonly fees: L1Fees;
}

/** Looks at everything of the sender; `rows` are the stage's above its checkpoint. */
export async function viewSender(
  node: Node,
  sender: { readonly stage: SendingStage; readonly from: L1Account },
  rows: readonly StoredL1Tx[],
): Promise<SenderView> {
  const { stage, from } = sender;
  const others: StoredL1Tx[] = [];
  for (const other of SENDING_STAGES) {
    if (other === stage) continue;
    const txs = await readL1Txs(node.kv, other, await readCheckpoint(node, other));
    others.push(...txs.filter(({ row }) => row.from === from.address && row.status !== "failed"));
  }
  const voids = await readL1Txs(node.kv, from.address, -1n);
  const fees = await node.l1.client.fees();
  // Asked before any receipt: a transaction may be mined between the two answers.
  const latestNonce = await node.l1.client.nonce(from.address, "latest");
  return {
    node,
    stage,
    from,
    live: rows.filter(({ status }) => status !== "failed"),
    failed: rows.filter(({ status }) => status === "failed"),
    others,
    droppedNonces: await readDroppedNonces(node, from.address, latestNonce),
    voids: voids.filter(({ nonce }) => nonce >= latestNonce),
    settled: voids.filter(({ nonce }) => nonce < latestNonce),
    latestNonce,
    fees,
  };
}

/** What `sync` will unwind: its nonces are free on L1, and are to be used again by the same bytes. */
async function readDroppedNonces(
  node: Node,
  sender: Address,
  latestNonce: bigint,
): Promise<readonly bigint[]> {
  const dropped: bigint[] = [];
  for (const stage of SENDING_STAGES) {
    const until = [stage, await readCheckpoint(node, stage) + 1n];
    const range = { from: [stage, 0n], until, reverse: true };
    for await (const { value } of listRows(node.kv, L1_TXS, range)) {
      if (value.from !== sender || value.nonce < latestNonce) break;
      if (value.status !== "failed") dropped.push(value.nonce);
    }
  }
  return dropped;
}

/** A transaction to sign and store. */
export interface L1Draft {
  /** Key of its row. */
  readonly owner: string;
  readonly number: bigint;
  readonly firstBatch: bigint;
  readonly nonce: bigint;
  readonly to: Address;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  readonly fees: FeeOffer;
  /** For people. */
  readonly what: string;
}

/**
 * Signs a draft and writes it with its first attempt, in one commit with the end of `ended`.
 *
 * @throws `L1_INSUFFICIENT_FUNDS`
 */
export async function writeDraft(
  view: SenderView,
  draft: L1Draft,
  ended: readonly StoredL1Tx[] = [],
): Promise<void> {
  const { node, from } = view;
  const { owner, number, fees, gasLimit, nonce, to, data } = draft;
  await requireFunds(view, draft.what, gasLimit * fees.maxFeePerGasWei);
  const { chainId } = node.l1;
  const fields = { chainId, nonce, to, data, valueWei: 0n, gasLimit, ...fees };
  const signed = signL1Transaction(fields, from.privateKey);
  const row: L1TxRow = {
    status: "created",
    firstBatch: draft.firstBatch,
    from: from.address,
    nonce,
    to,
    calldataHash: keccak256(data),
    gasLimit,
    hash: signed.hash,
    attemptCount: 1,
    l1BlockNumber: undefined,
    gasUsed: undefined,
    reason: undefined,
  };
  const attempt = await toAttemptRow(view, signed, fees);
  const writes = createWriteSet(node.kv);
  for (const tx of ended) stageRemoval(writes, tx);
  await stageFirstAttempt(node.kv, writes, { owner, number, row }, attempt);
  await writes.commit();
}

/**
 * Signs the same call again with higher fees, and writes that as a further attempt.
 *
 * @throws `L1_INSUFFICIENT_FUNDS`
 */
export async function writeFurtherAttempt(
  view: SenderView,
  tx: StoredL1Tx,
  further: { readonly fees: FeeOffer; readonly what: string },
): Promise<void> {
  const { node, from } = view;
  const { row } = tx;
  const { fees } = further;
  const before = latestAttempt(tx);
  const extraFeeWei = fees.maxFeePerGasWei - before.maxFeePerGasWei;
  await requireFunds(view, further.what, row.gasLimit * extraFeeWei);
  const signed = withFees(await readBlob(node.kv, before.rawBlob), fees, from.privateKey);
  const attempt = await toAttemptRow(view, signed, fees);
  const writes = createWriteSet(node.kv);
  writes.set(L1_ATTEMPTS, [tx.owner, tx.number, BigInt(row.attemptCount)], attempt);
  writes.set(L1_TXS, [tx.owner, tx.number], {
    ...row,
    status: "created",
    hash: signed.hash,
    attemptCount: row.attemptCount + 1,
  });
  await writes.commit();
  areaLog(node.log, "send").info("Raised the fees of an L1 transaction", {
    stage: tx.owner,
    batchNumber: tx.number,
    nonce: tx.nonce,
    maxFeePerGasWei: fees.maxFeePerGasWei,
  });
}

async function toAttemptRow(
  { node, fees: today }: SenderView,
  { raw, hash }: SignedL1Transaction,
  fees: FeeOffer,
): Promise<L1AttemptRow> {
  const { maxFeePerGasWei, maxPriorityFeePerGasWei } = fees;
  const rawBlob = await writeBlob(node.kv, raw);
  const signedAtL1Block = today.l1BlockNumber;
  return { hash, rawBlob, maxFeePerGasWei, maxPriorityFeePerGasWei, signedAtL1Block };
}

/** What `chooseNonce` and `findGaps` look at. */
export function toNonceFacts(view: SenderView): NonceFacts {
  const { latestNonce, live, others, voids, droppedNonces } = view;
  const nonceOf = ({ nonce }: StoredL1Tx) => nonce;
  const replacing = voids.filter(({ status }) => status !== "failed");
  return {
    latestNonce,
    ownNonces: live.map(nonceOf),
    otherNonces: [...[...others, ...replacing].map(nonceOf), ...droppedNonces],
  };
}

/** @throws `L1_INSUFFICIENT_FUNDS` unless the sender can pay `moreWei` beside what is under way. */
async function requireFunds(view: SenderView, what: string, moreWei: bigint): Promise<void> {
  const boundWei = [...view.live, ...view.others].reduce(
    (sum, tx) => sum + tx.row.gasLimit * latestAttempt(tx).maxFeePerGasWei,
    0n,
  );
  await requireBalance(view, what, boundWei + moreWei);
}

/** @throws `L1_INSUFFICIENT_FUNDS` unless the sender has `costWei`. */
export async function requireBalance(
  { node, from }: SenderView,
  what: string,
  costWei: bigint,
): Promise<void> {
  const balanceWei = await node.l1.client.balance(from.address);
  if (balanceWei >= costWei) return;
  throw new RollupError<L1DraftErrorCode>(
    "L1_INSUFFICIENT_FUNDS",
    `Cannot send ${what} to L1: ${from.address} has ${balanceWei} wei, ` +
      `what is under way may cost ${costWei} wei`,
    {
      details: { from: from.address, balanceWei, costWei },
      mend: `Send ETH to ${from.address} on L1, then run \`submit\` again.`,
    },
  );
}
