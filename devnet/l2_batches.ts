/**
 * Which batch a block of the L2 is in, for what RPC shows beside it.
 *
 * Owns remembering where batches end and how many transactions are before each block, so that a
 * block costs one read: a batch may have thousands. Does not own sealing.
 * @module
 */
import { batchOfBlock } from "../core/engine/inspect.ts";
import { type Node, readCheckpoint } from "../core/pipeline/node.ts";
import { readBatch } from "../core/store/batches.ts";
import { readBlockSummary } from "../core/store/blocks.ts";
import type { Batch } from "../core/types/batch.ts";
import { createWeightedMap } from "../core/primitives/weighted_map.ts";
import { createBoundedMap } from "./l1/bounded_map.ts";
import type { BatchPlace } from "./rpc/chain.ts";

/** Blocks whose batch is remembered. */
const REMEMBERED_BLOCKS = 4_096;
/** Blocks of all batches whose transactions are counted. */
const COUNTED_BLOCKS = 65_536;

/** Tells the place of a block; `null` until it is sealed. */
export type FindBatchPlace = (blockNumber: bigint) => Promise<BatchPlace | null>;

/** A finder over the tables of `node`. */
export function createBatchFinder(node: Node): FindBatchPlace {
  // Only a hint: a reorganisation of L1 may open batches again, so the row has the last word.
  const numbers = createBoundedMap<bigint, bigint>(REMEMBERED_BLOCKS);
  /** The batch that was found last: neighbours are asked for one after another. */
  let latest: bigint | undefined;
  const counts = createWeightedMap<string, Promise<readonly number[]>>(COUNTED_BLOCKS);
  const findBatch = async (blockNumber: bigint): Promise<Batch | undefined> => {
    const known = numbers.get(blockNumber) ?? latest;
    const hinted = known === undefined ? undefined : await readBatch(node.kv, known);
    if (hinted !== undefined && holds(hinted, blockNumber)) return hinted;
    const sealed = await readCheckpoint(node, "seal_batch");
    const last = sealed === 0n ? undefined : await readBatch(node.kv, sealed);
    if (last === undefined || blockNumber > last.lastBlock) return undefined;
    const found = await batchOfBlock(node, { sealed }, blockNumber);
    if (found !== undefined) {
      latest = found.number;
      numbers.set(blockNumber, found.number);
    }
    return found;
  };
  const countEarlier = async (batch: Batch, blockNumber: bigint): Promise<number> => {
    if (blockNumber === batch.firstBlock) return 0;
    // A batch that was opened again and sealed anew has other blocks and another hash.
    const id = `${batch.number} ${batch.newAccInputHash}`;
    // The promise is kept, not what it gives: whoever asks meanwhile waits for the same reads.
    const counting = counts.get(id) ?? countAll(node, batch);
    const blockCount = 1 + Number(batch.lastBlock - batch.firstBlock);
    counts.set(id, counting, blockCount);
    const forget = () => counts.forget((key) => key === id);
    const counted = await counting.catch((error: unknown) => {
      forget();
      throw error;
    });
    // Blocks went while they were counted: whoever asks next may find another batch.
    if (counted.length < blockCount) forget();
    return counted[Number(blockNumber - batch.firstBlock)] ?? 0;
  };
  return async (blockNumber) => {
    if (blockNumber === 0n) return { number: 0n, timestampSec: 0n, txIndex: 0 };
    const batch = await findBatch(blockNumber);
    if (batch === undefined) return null;
    return {
      number: batch.number,
      timestampSec: batch.limitTimestampSec,
      txIndex: await countEarlier(batch, blockNumber),
    };
  };
}

function holds(batch: Batch, blockNumber: bigint): boolean {
  return batch.firstBlock <= blockNumber && blockNumber <= batch.lastBlock;
}

/** For each block of the batch how many transactions of the batch come before it. */
async function countAll(node: Node, batch: Batch): Promise<readonly number[]> {
  const counts: number[] = [];
  let count = 0;
  for (let number: bigint = batch.firstBlock; number <= batch.lastBlock; number++) {
    const summary = await readBlockSummary(node.kv, number);
    if (summary === undefined) break;
    counts.push(count);
    count += summary.counters.txCount;
  }
  return counts;
}
