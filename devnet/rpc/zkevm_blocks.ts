/**
 * Blocks with receipts, and what provers get, as zkevm-node's methods show them.
 *
 * Owns those two shapes. Does not own blocks or witnesses.
 * @module
 */
import { inspectRecord } from "./batch_facts.ts";
import { type BatchReference, findBatch } from "./batches.ts";
import { findBlock } from "./block_reference.ts";
import type { ChainBackend } from "./chain.ts";
import { formatBlock, formatReceipt, formatTransaction, type JsonObject } from "./format.ts";
import type { RollupContext } from "./method.ts";
import type { BlockReference } from "./schema.ts";

/** The most blocks of one question for native hashes, as zkevm-node has it. */
export const MAX_NATIVE_HASHES = 60_000n;

/** A block whose transactions are hashes, or whole and each with its receipt. */
export async function describeFullBlock(
  chain: ChainBackend,
  reference: BlockReference,
  full: boolean,
): Promise<JsonObject | null> {
  const block = await findBlock(chain, reference);
  if (block === undefined) return null;
  const { number, timestampSec } = block.header;
  if (!full) return formatBlock(block, "hashes");
  const receipts = await chain.receipts(number);
  return {
    ...formatBlock(block, "hashes"),
    transactions: receipts.map((entry) => ({
      ...formatTransaction(entry.transaction),
      receipt: formatReceipt(entry, timestampSec),
    })),
  };
}

/** Witness and public inputs of a sealed batch in hex, or `null`. */
export async function readProverInput(
  { engine }: Pick<RollupContext, "engine">,
  reference: BatchReference,
): Promise<JsonObject | null> {
  const batch = await findBatch({ engine }, reference);
  if (batch === undefined || batch.number === 0) return null;
  return await inspectRecord(engine, { kind: "witness", batch: batch.number }) ?? null;
}
