/**
 * The way in: a signed transaction is admitted to the pool or refused with the reason.
 *
 * Owns joining the pool's rules with the state and making the admission durable. Does not own the
 * rules (`pool`) or what happens next (`pipeline.ts`).
 * @module
 */
import { decodeAndCheck, type PoolContext } from "../pool/admission.ts";
import type { PoolEntry, SenderState } from "../pool/pool.ts";
import { type Address, hexToBytes, ZERO_HASH } from "../primitives/hex.ts";
import { readBlob, writeBlob } from "../store/blob.ts";
import { CODES, POOL } from "../store/schema.ts";
import { listRows, readRow } from "../store/table.ts";
import { createWriteSet } from "../store/write_set.ts";
import { balanceSlot, codeHashSlot, flatKey, nonceSlot, type SlotId } from "../types/state.ts";
import { decodeTransaction, recoverSender, transactionHash } from "../types/tx.ts";
import { nextBaseFeePerGasWei } from "../vm/block_environment.ts";
import { isDelegation } from "../vm/tx_rules.ts";
import type { Node } from "./node.ts";

/**
 * Admits `raw` to the pool; the row is on disk when the promise resolves.
 *
 * @throws the codes of `decodeAndCheck` and `Pool.admit`.
 */
export async function admitTransaction(node: Node, raw: Uint8Array): Promise<PoolEntry> {
  const context = poolContext(node);
  const candidate = decodeAndCheck(raw, context);
  const sender = await readSender(node, candidate.sender);
  const { entry, replaced } = node.pool.admit(candidate, sender, context);
  try {
    const rawBlob = await writeBlob(node.kv, raw);
    const writes = createWriteSet(node.kv);
    if (replaced !== undefined) writes.delete(POOL, [hexToBytes(replaced.hash)]);
    writes.set(POOL, [hexToBytes(entry.hash)], { arrival: entry.arrival, rawBlob });
    await writes.commit();
  } catch (error) {
    node.pool.remove(entry.hash);
    if (replaced !== undefined) node.pool.restore(replaced);
    throw error;
  }
  return entry;
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
  const rows: { raw: Uint8Array; arrival: bigint }[] = [];
  for await (const { value } of listRows(node.kv, POOL)) {
    rows.push({ raw: await readBlob(node.kv, value.rawBlob), arrival: value.arrival });
  }
  rows.sort((left, right) => (left.arrival < right.arrival ? -1 : 1));
  for (const { raw, arrival } of rows) {
    const tx = decodeTransaction(raw);
    node.pool.restore({ raw, arrival, tx, hash: transactionHash(raw), sender: recoverSender(tx) });
  }
}

function readLatestSlot(node: Node, id: SlotId): string {
  const value = node.state.tree.get(flatKey(id));
  return value === undefined ? ZERO_HASH : `0x${value.toHex()}`;
}

async function isDelegationHash(node: Node, codeHash: string): Promise<boolean> {
  const field = await readRow(node.kv, CODES, [hexToBytes(codeHash)]);
  return field !== undefined && isDelegation(await readBlob(node.kv, field));
}
