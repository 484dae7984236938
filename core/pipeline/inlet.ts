/**
 * The way in: a signed transaction is admitted to the pool or refused with the reason.
 *
 * Owns joining the pool's rules with the state and making the admission durable. Does not own the
 * rules (`pool`) or what happens next (`pipeline.ts`).
 * @module
 */
import { exceedsAlone, mayExceedAlone, transactionCounters } from "../batching/seal_policy.ts";
import { checkUnrecovered, type PoolCandidate, type PoolContext } from "../pool/admission.ts";
import { exceedsLimit, pubdataGasTooLow, senderCensored } from "../pool/pool_error.ts";
import type { Admission, PoolEntry, SenderState } from "../pool/pool.ts";
import { isRollupError } from "../primitives/errors.ts";
import { type Address, address, hexToBytes, ZERO_HASH } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import { readBlob, writeBlob } from "../store/blob.ts";
import { CODES, POOL } from "../store/schema.ts";
import { listRows, readRow } from "../store/table.ts";
import { createWriteSet, type WriteSet } from "../store/write_set.ts";
import { type ExecutionCounters, NO_COUNTERS } from "../types/counters.ts";
import { balanceSlot, codeHashSlot, flatKey, nonceSlot, type SlotId } from "../types/state.ts";
import {
  decodeTransaction,
  effectiveGasPriceWei,
  recoverSenderBy,
  type Transaction,
  transactionHash,
} from "../types/tx.ts";
import { minimumGasLimit } from "../types/tx_gas.ts";
import { nextBaseFeePerGasWei } from "../vm/block_environment.ts";
import { isDelegation } from "../vm/tx_rules.ts";
import { callInNextBlock } from "./call.ts";
import type { Node } from "./node.ts";
import { faultOf, logTrappedTx, programTrapped, stageTrappedTx } from "./trapped_tx.ts";

/** A nonce that was written before: its index, a byte on how the value is written, the value. */
const LEAST_PUBDATA_BYTES = 6n;

/**
 * Admits `raw` to the pool in memory; nothing is on disk (`pool_rows.ts`).
 *
 * @throws the codes of `decodeAndCheck` and `Pool.admit`, `POOL_PUBDATA_GAS`, `POOL_SENDER_CENSORED`,
 * `TX_EXCEEDS_LIMIT` for one that no batch can hold, `PROGRAM_TRAPPED`.
 */
export async function admitToPool(node: Node, raw: Uint8Array): Promise<Admission> {
  return await admitCandidate(node, await findSender(node, raw));
}

/**
 * Decodes `raw`, checks what needs no state and finds its sender, which may take time but nothing of
 * the node: those of others can be found meanwhile.
 *
 * @throws the codes of `decodeAndCheck`.
 */
export async function findSender(node: Node, raw: Uint8Array): Promise<PoolCandidate> {
  const { maxTxBytes } = node.sealLimits;
  const candidate = checkUnrecovered(raw, node.config, { ...LIMITS, maxTxBytes });
  return { ...candidate, sender: await recoverSenderBy(node.recoverAddress, candidate.tx) };
}

/** The rest of {@linkcode admitToPool}, for what {@linkcode findSender} gave. */
export async function admitCandidate(node: Node, candidate: PoolCandidate): Promise<Admission> {
  const context = poolContext(node);
  const { raw } = candidate;
  if (node.censored.has(candidate.sender)) throw senderCensored(candidate.sender);
  refuseUnpaidPubdata(node, candidate.tx);
  refuseExcess(node, raw, { ...NO_COUNTERS, txCount: 1 });
  const sender = await readSender(node, candidate.sender);
  const admission = node.pool.admit(candidate, sender, context);
  const { entry, replaced } = admission;
  try {
    if (entry.tx.nonce === sender.nonce) await preExecute(node, entry);
  } catch (error) {
    node.pool.remove(entry.hash);
    if (replaced !== undefined) node.pool.restore(replaced);
    throw error;
  }
  return admission;
}

/** Adds the row from which a restart restores `entry`. */
export async function stagePoolEntry(
  node: Node,
  writes: WriteSet,
  { hash, arrival, sender, raw }: PoolEntry,
): Promise<void> {
  const rawBlob = await writeBlob(node.kv, raw);
  node.pooledOnDisk.add(hash);
  writes.set(POOL, [hexToBytes(hash)], { arrival, sender, rawBlob });
}

/** Also the least transaction writes its sender's nonce; without gas for that it could only fail. */
function refuseUnpaidPubdata(node: Node, tx: Transaction): void {
  const { gasPerPubdata } = node.config;
  if (tx.gasLimit >= minimumGasLimit(tx) + LEAST_PUBDATA_BYTES * gasPerPubdata) return;
  throw pubdataGasTooLow(tx.gasLimit, gasPerPubdata);
}

/**
 * Runs a transaction that could go into the next block, if its gas can buy more of anything than a
 * batch may hold; with the default limits no gas limit can. One that has to wait for others is
 * judged when it is in a block.
 */
async function preExecute(node: Node, entry: PoolEntry): Promise<void> {
  const { tx } = entry;
  if (!mayExceedAlone(tx.gasLimit, node.sealLimits)) return;
  const { usage } = await callInNextBlock(node, {
    from: entry.sender,
    to: tx.to,
    data: tx.data,
    valueWei: tx.valueWei,
    gasLimit: tx.gasLimit,
    gasPriceWei: effectiveGasPriceWei(tx, poolContext(node).baseFeePerGasWei),
    asTransaction: true,
    accessList: tx.accessList,
    authorizations: tx.authorizations,
  }).catch((error) => setAside(node, entry, error));
  if (usage !== undefined) refuseExcess(node, entry.raw, usage.counters);
}

function refuseExcess(node: Node, raw: Uint8Array, used: ExecutionCounters): void {
  const excess = exceedsAlone(transactionCounters(raw, used), node.sealLimits);
  if (excess !== undefined) throw exceedsLimit(excess);
}

/** Keeps a transaction that broke the program for a report, and refuses it. */
async function setAside(node: Node, entry: PoolEntry, error: unknown): Promise<never> {
  if (!isRollupError(error, "PROGRAM_TRAPPED")) throw error;
  const blockNumber = node.tip.get().header.number + 1n;
  const trapped = { entry, fault: faultOf(error), blockNumber };
  const writes = createWriteSet(node.kv);
  await stageTrappedTx(node, writes, trapped);
  await writes.commit();
  logTrappedTx(node, trapped);
  throw programTrapped(entry.hash, trapped.fault);
}

/** What the pool must know of the chain now. */
export function poolContext(node: Node): PoolContext {
  return {
    chainId: node.config.chainId,
    baseFeePerGasWei: nextBaseFeePerGasWei(node.tip.get().header),
    blockGasLimit: node.config.blockGasLimit,
  };
}

/** The account of `sender` after the latest block. */
export async function readSender(node: Node, sender: Address): Promise<SenderState> {
  const codeHash = readLatestSlot(node, codeHashSlot(sender));
  return {
    nonce: BigInt(readLatestSlot(node, nonceSlot(sender))),
    balanceWei: BigInt(readLatestSlot(node, balanceSlot(sender))),
    hasCode: codeHash !== ZERO_HASH && !(await isDelegationHash(node, codeHash)),
  };
}

/** The next nonce of `sender` after the latest block. */
export function latestNonce(node: Node, sender: Address): bigint {
  return BigInt(readLatestSlot(node, nonceSlot(sender)));
}

/** Fills the pool from disk; done once, at opening. */
export async function restorePool(node: Node): Promise<void> {
  const entries: PoolEntry[] = [];
  for await (const { value } of listRows(node.kv, POOL)) {
    const raw = await readBlob(node.kv, value.rawBlob);
    const hash = transactionHash(raw);
    node.pooledOnDisk.add(hash);
    entries.push({
      raw,
      arrival: value.arrival,
      tx: decodeTransaction(raw),
      hash,
      sender: address(value.sender),
    });
  }
  entries.sort((left, right) => (left.arrival < right.arrival ? -1 : 1));
  for (const entry of entries) node.pool.restore(entry);
}

function readLatestSlot(node: Node, id: SlotId): string {
  const value = node.state.tree.get(flatKey(id));
  return value === undefined ? ZERO_HASH : `0x${value.toHex()}`;
}

async function isDelegationHash(node: Node, codeHash: string): Promise<boolean> {
  const field = await readRow(node.kv, CODES, [hexToBytes(codeHash)]);
  return field !== undefined && isDelegation(await readBlob(node.kv, field));
}
