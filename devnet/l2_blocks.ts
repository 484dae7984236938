/**
 * Blocks of the L2 that were read lately, decoded.
 *
 * Clients ask for the same blocks over and over, and a filter for the headers of thousands. Owns
 * remembering them, and forgetting those that the chain has taken back. Does not own the rows.
 * @module
 */
import type { Node } from "../core/pipeline/node.ts";
import {
  type BlockSummary,
  readBlock,
  readBlockSummary,
  type StoredBlock,
} from "../core/store/blocks.ts";
import type { BlockFeed } from "./l2_chain.ts";
import { createWeightedMap, type WeightedMap } from "../core/primitives/weighted_map.ts";

/** Reads blocks; `undefined` where there is none. */
export interface BlockReader {
  block(number: bigint): Promise<StoredBlock | undefined>;
  summary(number: bigint): Promise<BlockSummary | undefined>;
  /** What `summary` would give without reading anything. */
  knownSummary(number: bigint): BlockSummary | undefined;
}

/** As many headers as one query of logs may look at, some 10 MB. */
const MAX_SUMMARIES = 10_240;
/** Transactions in all the whole blocks that are kept, where a block counts as one more. */
const MAX_BLOCK_WEIGHT = 8_192;

/** A reader of `node`'s blocks, told of new and dropped ones by `feed`. */
export function createBlockReader(
  node: Pick<Node, "kv" | "tip">,
  feed: Pick<BlockFeed, "subscribe" | "subscribeDropped">,
): BlockReader {
  const summaries = createWeightedMap<bigint, BlockSummary>(MAX_SUMMARIES);
  const blocks = createWeightedMap<bigint, StoredBlock>(MAX_BLOCK_WEIGHT);
  let highest = -1n;
  /** Raised with every change: what was read before one may be of the block that went. */
  let changes = 0;
  const forgetFrom = (number: bigint): void => {
    changes++;
    if (number > highest) return;
    highest = number - 1n;
    summaries.forget((known) => known >= number);
    blocks.forget((known) => known >= number);
  };
  feed.subscribe(forgetFrom);
  feed.subscribeDropped(({ header }) => forgetFrom(header.number));

  // Blocks that are being taken back are above the tip before anybody is told.
  const tipNumber = (): bigint => node.tip.get().header.number;
  const readThrough = async <Value>(
    cache: WeightedMap<bigint, Value>,
    number: bigint,
    read: () => Promise<Value | undefined>,
    weigh: (value: Value) => number,
  ): Promise<Value | undefined> => {
    const isThere = number <= tipNumber();
    const known = isThere ? cache.get(number) : undefined;
    if (known !== undefined) return known;
    const before = changes;
    const value = await read();
    if (value === undefined || !isThere || changes !== before) return value;
    if (number > highest) highest = number;
    cache.set(number, value, weigh(value));
    return value;
  };
  return {
    block: (number) =>
      readThrough(
        blocks,
        number,
        () => readBlock(node.kv, number),
        ({ transactions }) => 1 + transactions.length,
      ),
    summary: (number) =>
      readThrough(summaries, number, () => readBlockSummary(node.kv, number), () => 1),
    knownSummary: (number) => number <= tipNumber() ? summaries.get(number) : undefined,
  };
}
