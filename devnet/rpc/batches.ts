/**
 * Batches as the `zkevm_` methods show them, read through the engine.
 *
 * Owns the shape that zkevm-node gave them. Does not own the batch store: whatever `inspect` does
 * not tell is shown as absent.
 * @module
 */
import type { Engine } from "../../core/engine/engine.ts";
import { isRollupError } from "../../core/primitives/errors.ts";
import { ZERO_HASH } from "../../core/primitives/hex.ts";
import { findBlock } from "./block_reference.ts";
import type { ChainBackend, ChainBlock } from "./chain.ts";
import { formatBlock, formatQuantity, formatTransaction, type JsonObject } from "./format.ts";
import type { RollupContext } from "./method.ts";
import { isRecord, quantityOrNumber, type Schema } from "./schema.ts";

/** A batch by number, or the last one of a state. */
export type BatchReference = bigint | "sealed" | "sequenced" | "verified";

const batchNumberSchema = quantityOrNumber(53);

/** A number, or a tag: `safe` is the last batch on L1, `finalized` the last verified one. */
export const batchReference: Schema<BatchReference> = {
  parse(value, path) {
    if (value === "latest" || value === "pending") return "sealed";
    if (value === "safe") return "sequenced";
    if (value === "finalized") return "verified";
    return value === "earliest" ? 0n : batchNumberSchema.parse(value, path);
  },
};

/** Number of the sealed batch that holds `block`, or `undefined`; a search, batches are in order. */
export async function findBatchOfBlock(
  engine: Engine,
  block: bigint,
): Promise<number | undefined> {
  let low = 1;
  let high = (await engine.heads()).sealed;
  if (block === 0n) return 0;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    const batch = await readBatch(engine, middle);
    if (batch === undefined) return undefined;
    if (block < BigInt(batch.firstBlock)) high = middle - 1;
    else if (block > BigInt(batch.lastBlock)) low = middle + 1;
    else return middle;
  }
  return undefined;
}

/** A batch in zkevm-node's shape, or `null`. */
export async function describeBatch(
  context: RollupContext,
  reference: BatchReference,
  transactions: "hashes" | "full",
): Promise<JsonObject | null> {
  const { chain, engine } = context;
  const heads = await engine.heads();
  const number = typeof reference === "bigint" ? Number(reference) : heads[reference];
  if (number > heads.sealed) return null;
  const batch = await readBatch(engine, number);
  if (batch === undefined) return null;
  const blocks = await readBlocks(chain, batch);
  const last = blocks.at(-1)?.header;
  const found = blocks.flatMap((block) => block.transactions);
  const { fields } = batch;
  return {
    number: formatQuantity(number),
    coinbase: textField(fields, "coinbase") ?? last?.miner ?? null,
    stateRoot: textField(fields, "stateRoot") ?? last?.stateRoot ?? null,
    // There is no exit tree here; the fields stay so that clients of zkevm-node can read on.
    globalExitRoot: ZERO_HASH,
    mainnetExitRoot: ZERO_HASH,
    rollupExitRoot: ZERO_HASH,
    localExitRoot: ZERO_HASH,
    accInputHash: textField(fields, "accInputHash") ?? null,
    timestamp: formatQuantity(last?.timestampSec ?? 0n),
    sendSequencesTxHash: transactionHashOf(fields.sequenced),
    verifyBatchTxHash: transactionHashOf(fields.verified),
    closed: true,
    blocks: blocks.map((block) =>
      transactions === "full" ? formatBlock(block, "full") : block.header.hash
    ),
    transactions: found.map((transaction) =>
      transactions === "full" ? formatTransaction(transaction) : transaction.hash
    ),
    batchL2Data: textField(fields, "batchData") ?? null,
  };
}

interface BatchFacts {
  readonly firstBlock: number;
  readonly lastBlock: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

async function readBatch(engine: Engine, number: number): Promise<BatchFacts | undefined> {
  try {
    const fields: unknown = await engine.inspect({ kind: "batch", batch: number });
    if (!isRecord(fields)) return undefined;
    const { firstBlock, lastBlock } = fields;
    if (typeof firstBlock !== "number" || typeof lastBlock !== "number") return undefined;
    return { firstBlock, lastBlock, fields };
  } catch (error) {
    if (isRollupError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}

async function readBlocks(
  chain: ChainBackend,
  batch: BatchFacts,
): Promise<readonly ChainBlock[]> {
  const blocks: ChainBlock[] = [];
  for (let number = batch.firstBlock; number <= batch.lastBlock; number++) {
    const block = await findBlock(chain, { kind: "number", number: BigInt(number) });
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}

/** The L1 transaction that carried the batch or its proof, once there is one. */
function transactionHashOf(sent: unknown): string | null {
  return isRecord(sent) ? textField(sent, "transactionHash") ?? null : null;
}

function textField(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
