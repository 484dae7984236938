/**
 * What `inspect-state` shows of L1: the queue of operations, and how a batch got there.
 *
 * Owns those parts of the JSON. Does not own the rest of it (`inspect.ts`).
 * @module
 */
import { findIntent, type SendingStage } from "../pipeline/l1_tx_rows.ts";
import type { Node } from "../pipeline/node.ts";
import { readVirtualBatch } from "../store/operations.ts";
import { hash32, hexToBytes } from "../primitives/hex.ts";
import { L1_EVENTS, OPERATIONS, TX_POSITIONS } from "../store/schema.ts";
import { listRows, readRow } from "../store/table.ts";
import type { JsonValue } from "./engine.ts";
import { toNumber } from "./views.ts";

/** The queue of L1->L2 operations, as far as L1 was read. */
export async function inspectOperations(node: Node): Promise<JsonValue> {
  const operations: JsonValue[] = [];
  const consumed = node.tip.get().lastOperation;
  const nowSec = node.clock.nowSec();
  for await (const { key, value } of listRows(node.kv, OPERATIONS)) {
    if (typeof key[1] !== "bigint") continue;
    const isConsumed = key[1] <= consumed;
    // An operation is named by the hash of the transaction that it is.
    const position = await readRow(node.kv, TX_POSITIONS, [hexToBytes(hash32(value.hash))]);
    operations.push({
      number: toNumber(key[1]),
      hash: value.hash,
      sender: value.sender,
      deadlineSec: toNumber(value.deadlineSec),
      l1BlockNumber: toNumber(value.l1BlockNumber),
      transactionHash: value.transactionHash,
      status: value.isLost
        ? "lost by L1"
        : isConsumed
        ? position === undefined ? "consumed without effect" : "consumed"
        : value.deadlineSec <= nowSec
        ? "overdue"
        : "waiting",
    });
  }
  return operations;
}

/** How L1 got the batch, whoever sent it. */
export async function virtualToView(node: Node, number: bigint): Promise<JsonValue> {
  const virtual = await readVirtualBatch(node.kv, number);
  if (virtual === undefined) return null;
  const { kind, l1BlockNumber, transactionHash } = virtual;
  return { kind, l1BlockNumber: toNumber(l1BlockNumber), transactionHash };
}

/** Our transaction for this batch, and the event with which L1 answered, once it was read. */
export async function l1TxToView(
  node: Node,
  stage: SendingStage,
  number: bigint,
  event: "sequenced" | "verified",
): Promise<JsonValue> {
  const found = await findIntent(node.kv, stage, number);
  if (found === undefined) return null;
  const { row, lastBatch } = found;
  const seenInL1Block = await eventBlock(node, row.l1BlockNumber, { kind: event, number });
  return {
    firstBatch: toNumber(row.firstBatch),
    lastBatch: toNumber(lastBatch),
    transactionHash: row.hash,
    nonce: toNumber(row.nonce),
    status: row.status,
    l1BlockNumber: row.l1BlockNumber === undefined ? null : toNumber(row.l1BlockNumber),
    gasUsed: row.gasUsed === undefined ? null : toNumber(row.gasUsed),
    seenInL1Block,
  };
}

/** The L1 block of the event that covers batch `number`, once it was read: where ours was mined. */
async function eventBlock(
  node: Node,
  minedInL1Block: bigint | undefined,
  wanted: { readonly kind: "sequenced" | "verified"; readonly number: bigint },
): Promise<number | null> {
  if (minedInL1Block === undefined) return null;
  const range = { from: [minedInL1Block], until: [minedInL1Block + 1n] };
  for await (const { value } of listRows(node.kv, L1_EVENTS, range)) {
    if (value.kind === wanted.kind && value.number >= wanted.number) {
      return toNumber(minedInL1Block);
    }
  }
  return null;
}
