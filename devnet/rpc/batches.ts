/**
 * Batches as the `zkevm_` methods show them, read through the engine.
 *
 * Owns the shape that zkevm-node gave them. Does not own the batch store: whatever `inspect` does
 * not tell is shown as absent.
 * @module
 */
import type { BatchTag } from "../../core/engine/engine.ts";
import { ZERO_HASH } from "../../core/primitives/hex.ts";
import { type BatchFacts, readBatchData, readBatchFacts } from "./batch_facts.ts";
import { findBlock } from "./block_reference.ts";
import type { ChainBackend, ChainBlock } from "./chain.ts";
import { BLOCK_JSON, TRANSACTION_JSON } from "./chain_json.ts";
import { formatBlock, formatQuantity, formatTransaction, type JsonObject } from "./format.ts";
import {
  ADDRESS_JSON,
  BOOLEAN_JSON,
  BYTES_JSON,
  HASH_JSON,
  type JsonSchema,
  listJson,
  nullableJson,
  objectJson,
  QUANTITY_JSON,
} from "./json_schema.ts";
import type { RollupContext } from "./method.ts";
import { quantityOrNumber, type Schema } from "./schema.ts";

/** A batch by number, or the last one of a state. */
export type BatchReference = bigint | BatchTag;

const batchNumberSchema = quantityOrNumber(53);

/** The words that clients have for the last batch of a state. */
const BATCH_TAGS: Readonly<Record<string, BatchReference>> = {
  latest: "latest",
  pending: "latest",
  safe: "safe",
  finalized: "finalized",
  earliest: 0n,
};

/** A number, or a tag: `safe` is the last batch on L1, `finalized` the last verified one. */
export const batchReference: Schema<BatchReference> = {
  json: { oneOf: [batchNumberSchema.json ?? {}, { enum: Object.keys(BATCH_TAGS) }] },
  parse(value, path) {
    const tag = typeof value === "string" && Object.hasOwn(BATCH_TAGS, value)
      ? BATCH_TAGS[value]
      : undefined;
    return tag ?? batchNumberSchema.parse(value, path);
  },
};

/** The sealed batch that `reference` names. */
export async function findBatch(
  { engine }: Pick<RollupContext, "engine">,
  reference: BatchReference,
): Promise<BatchFacts | undefined> {
  return await readBatchFacts(
    engine,
    typeof reference === "bigint" ? Number(reference) : reference,
  );
}

/** A batch in zkevm-node's shape. */
export const ZKEVM_BATCH_JSON: JsonSchema = objectJson({
  number: QUANTITY_JSON,
  coinbase: ADDRESS_JSON,
  stateRoot: HASH_JSON,
  globalExitRoot: HASH_JSON,
  mainnetExitRoot: HASH_JSON,
  rollupExitRoot: HASH_JSON,
  localExitRoot: HASH_JSON,
  accInputHash: HASH_JSON,
  timestamp: QUANTITY_JSON,
  sendSequencesTxHash: nullableJson(HASH_JSON),
  verifyBatchTxHash: nullableJson(HASH_JSON),
  closed: BOOLEAN_JSON,
  blocks: listJson({ oneOf: [HASH_JSON, BLOCK_JSON] }),
  transactions: listJson({ oneOf: [HASH_JSON, TRANSACTION_JSON] }),
  batchL2Data: BYTES_JSON,
});

/** A batch in zkevm-node's shape, or `null`. */
export async function describeBatch(
  context: RollupContext,
  reference: BatchReference,
  transactions: "hashes" | "full",
): Promise<JsonObject | null> {
  const { chain, engine } = context;
  const batch = await findBatch(context, reference);
  if (batch === undefined) return null;
  const blocks = await readBatchBlocks(chain, batch);
  const found = blocks.flatMap((block) => block.transactions);
  return {
    number: formatQuantity(batch.number),
    coinbase: batch.coinbase,
    // Of the genesis batch only the chain knows it.
    stateRoot: batch.number === 0 ? blocks[0]?.header.stateRoot ?? ZERO_HASH : batch.stateRoot,
    // There is no exit tree here; the fields stay so that clients of zkevm-node can read on.
    globalExitRoot: ZERO_HASH,
    mainnetExitRoot: ZERO_HASH,
    rollupExitRoot: ZERO_HASH,
    localExitRoot: ZERO_HASH,
    accInputHash: batch.accInputHash,
    timestamp: formatQuantity(batch.timestampSec),
    sendSequencesTxHash: batch.sequenced?.transactionHash ?? null,
    verifyBatchTxHash: batch.verified?.transactionHash ?? null,
    closed: true,
    blocks: blocks.map((block) =>
      transactions === "full" ? formatBlock(block, "full") : block.header.hash
    ),
    transactions: found.map((transaction) =>
      transactions === "full" ? formatTransaction(transaction) : transaction.hash
    ),
    batchL2Data: await readBatchData(engine, batch.number),
  };
}

/** The blocks of `batch`, in order. */
export async function readBatchBlocks(
  chain: ChainBackend,
  batch: Pick<BatchFacts, "firstBlock" | "lastBlock">,
): Promise<readonly ChainBlock[]> {
  const blocks: ChainBlock[] = [];
  for (let number = batch.firstBlock; number <= batch.lastBlock; number++) {
    const block = await findBlock(chain, { kind: "number", number: BigInt(number) });
    if (block !== undefined) blocks.push(block);
  }
  return blocks;
}
