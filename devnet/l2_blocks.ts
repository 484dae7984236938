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
  /** What `summary` would give without reading anything; the same object while it is known. */
  knownSummary(number: number): BlockSummary | undefined;
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
  // Keys are doubles: integers of any length are found several times slower.
  const summaries = createBlockCache<BlockSummary>(MAX_SUMMARIES);
  const blocks = createBlockCache<StoredBlock>(MAX_BLOCK_WEIGHT);
  let highest = -1;
  /** Raised with every change: what was read before one may be of the block that went. */
  let changes = 0;
  const forgetFrom = (blockNumber: bigint): void => {
    changes++;
    const number = Number(blockNumber);
    for (const { underWay } of [summaries, blocks]) underWay.clear();
    if (number > highest) return;
    highest = number - 1;
    for (const { known } of [summaries, blocks]) known.forget((each) => each >= number);
  };
  feed.subscribe(forgetFrom);
  feed.subscribeDropped(({ header }) => forgetFrom(header.number));

  // Blocks that are being taken back are above the tip before anybody is told.
  const tipNumber = (): number => Number(node.tip.get().header.number);
  const readThrough = <Value>(
    cache: BlockCache<Value>,
    blockNumber: bigint,
    read: () => Promise<Value | undefined>,
    weigh: (value: Value) => number,
  ): Promise<Value | undefined> => {
    const number = Number(blockNumber);
    if (number > tipNumber()) return read();
    const known = cache.known.get(number);
    if (known !== undefined) return Promise.resolve(known);
    // Queries of many clients look at the same blocks at the same time.
    const same = cache.underWay.get(number);
    if (same !== undefined) return same;
    const before = changes;
    const reading = read().then((value) => {
      if (value === undefined || changes !== before) return value;
      if (number > highest) highest = number;
      cache.known.set(number, value, weigh(value));
      return value;
    }).finally(() => {
      if (cache.underWay.get(number) === reading) cache.underWay.delete(number);
    });
    cache.underWay.set(number, reading);
    return reading;
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
    knownSummary: (number) => number <= tipNumber() ? summaries.known.get(number) : undefined,
  };
}

/** What was read of blocks, by number, and what is being read. */
interface BlockCache<Value> {
  readonly known: WeightedMap<number, Value>;
  readonly underWay: Map<number, Promise<Value | undefined>>;
}

function createBlockCache<Value>(maxWeight: number): BlockCache<Value> {
  return { known: createWeightedMap<number, Value>(maxWeight), underWay: new Map() };
}
