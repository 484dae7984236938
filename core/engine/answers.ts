/**
 * The answers of the Engine verbs, from the node's rows.
 *
 * Owns reading what a verb has done as its view. Does not own the verbs (`local_engine.ts`) or what
 * `inspect` shows (`inspect.ts`).
 * @module
 */
import { latestNonce, poolContext, readSender } from "../pipeline/inlet.ts";
import type { Node, StageId } from "../pipeline/node.ts";
import { nonceAfterOperations } from "../pipeline/operations.ts";
import { programTrapped } from "../pipeline/trapped_tx.ts";
import type { PoolEntry } from "../pool/pool.ts";
import { assert } from "../primitives/errors.ts";
import { address, hash32, type Hex, hexToBytes } from "../primitives/hex.ts";
import { decodePublicInputs, hashPublicInputs } from "../proving/public_inputs.ts";
import { PROVERS } from "../proving/registry.ts";
import { requireBatch } from "../store/batches.ts";
import { readBlob } from "../store/blob.ts";
import { requireBlock } from "../store/blocks.ts";
import { type L1TxRow, PROOFS, TRAPPED_TXS, TX_POSITIONS } from "../store/schema.ts";
import { readRow, requireRow } from "../store/table.ts";
import { TRUSTED_BY_PROOF_KIND } from "../types/proof.ts";
import type { L1TransactionView, ProveView, SealView, SenderView, SendView } from "./engine.ts";
import { toNumber } from "./views.ts";

/** One transaction of ours to L1. */
export function l1TxToView(stage: StageId, lastBatch: bigint, row: L1TxRow): L1TransactionView {
  return {
    purpose: stage === "sequence_batch" ? "sequenceBatches" : "verifyBatches",
    firstBatch: toNumber(row.firstBatch),
    lastBatch: toNumber(lastBatch),
    transactionHash: hash32(row.hash),
    nonce: toNumber(row.nonce),
    status: row.status === "confirmed" || row.status === "done" ? "mined" : "sent",
    ...(row.l1BlockNumber === undefined ? {} : { l1BlockNumber: toNumber(row.l1BlockNumber) }),
    ...(row.gasUsed === undefined ? {} : { gasUsed: toNumber(row.gasUsed) }),
  };
}

/** The proof of batch `number`. */
export async function proofToView(node: Node, number: bigint): Promise<ProveView> {
  const row = await requireRow(node.kv, PROOFS, [number]);
  const inputs = decodePublicInputs(row.publicInputs);
  const kind = PROVERS.mock.kind;
  assert(row.kind === kind, "only mock proofs are accepted so far");
  return {
    batchNumber: toNumber(number),
    kind,
    trusted: TRUSTED_BY_PROOF_KIND[kind],
    publicInputsHash: hashPublicInputs(inputs),
    newStateRoot: inputs.newStateRoot,
    proofBytes: (await readBlob(node.kv, row.proofBlob)).length,
  };
}

/** Sealed batch `number`. */
export async function sealToView(node: Node, number: bigint): Promise<SealView> {
  const batch = await requireBatch(node.kv, number);
  return {
    batchNumber: toNumber(batch.number),
    firstBlock: toNumber(batch.firstBlock),
    lastBlock: toNumber(batch.lastBlock),
    txCount: batch.counters.txCount,
    sealReason: batch.sealReason,
    stateRoot: batch.newStateRoot,
    batchDataHash: batch.batchDataHash,
    accInputHash: batch.newAccInputHash,
  };
}

/** What has become of `entry` by now. @throws `PROGRAM_TRAPPED` */
export async function sentToView(node: Node, entry: PoolEntry): Promise<SendView> {
  const sent = {
    transactionHash: entry.hash,
    from: entry.sender,
    to: entry.tx.to ?? null,
    nonce: toNumber(entry.tx.nonce),
  };
  if (node.pool.has(entry.hash)) return { ...sent, status: "pooled" };
  const position = await readRow(node.kv, TX_POSITIONS, [hexToBytes(entry.hash)]);
  if (position === undefined) {
    await refuseTrapped(node, entry);
    return { ...sent, status: "pooled" };
  }
  const block = await requireBlock(node.kv, position.blockNumber);
  const receipt = block.receipts[position.index];
  assert(receipt !== undefined, "an included transaction has its receipt");
  return {
    ...sent,
    status: "included",
    blockNumber: toNumber(position.blockNumber),
    success: receipt.success,
    gasUsed: toNumber(receipt.gasUsed),
    ...(receipt.contractAddress === undefined ? {} : { contractAddress: receipt.contractAddress }),
  };
}

/** @throws `PROGRAM_TRAPPED` when `entry`, which does not wait any more, was set aside. */
export async function refuseTrapped(node: Node, entry: PoolEntry): Promise<void> {
  const trapped = await readRow(node.kv, TRAPPED_TXS, [hexToBytes(entry.hash)]);
  if (trapped !== undefined) throw programTrapped(entry.hash, trapped.fault);
}

/** What the sender of a next transaction needs. */
export async function senderToView(node: Node, account: Hex): Promise<SenderView> {
  const sender = address(account);
  const { balanceWei } = await readSender(node, sender);
  const nonce = await nonceAfterOperations(node, sender, latestNonce(node, sender));
  return {
    chainId: toNumber(node.config.chainId),
    nonce: toNumber(node.pool.pendingNonce(sender, nonce)),
    balanceWei: String(balanceWei),
    baseFeePerGasWei: String(poolContext(node).baseFeePerGasWei),
  };
}
