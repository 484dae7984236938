/**
 * Where the calls of `sequenceBatches` on L1 end.
 *
 * The contract keeps the accInputHash of the last batch of each call only, so a proof can start and
 * end nowhere else. Owns finding these batches: in our own transactions, and for what others
 * sequenced in what was read from L1. Does not own either table.
 * @module
 */
import { readVirtualBatch } from "../store/operations.ts";
import { L1_TXS } from "../store/schema.ts";
import { readRow } from "../store/table.ts";
import type { Node } from "./node.ts";

/** The batches from `first` to `last`, both included and on L1, at which a sequence ends. */
export async function readSequenceEnds(
  node: Node,
  first: bigint,
  last: bigint,
): Promise<readonly bigint[]> {
  const ends: bigint[] = [];
  for (let number = first; number <= last; number++) {
    if (await isSequenceEnd(node, number)) ends.push(number);
  }
  return ends;
}

async function isSequenceEnd(node: Node, number: bigint): Promise<boolean> {
  const virtual = await readVirtualBatch(node.kv, number);
  if (virtual === undefined) {
    // Mined and not read yet: only we know of it.
    const row = await readRow(node.kv, L1_TXS, ["sequence_batch", number]);
    return row !== undefined && row.status !== "failed";
  }
  // A forced batch is always sequenced alone; a contract may sequence several in one transaction.
  if (virtual.kind === "forced") return true;
  const following = await readVirtualBatch(node.kv, number + 1n);
  return following === undefined || following.kind === "forced" ||
    following.transactionHash !== virtual.transactionHash;
}
