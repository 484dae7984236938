/**
 * The batch that the next block may join: what the unsealed blocks have come to.
 *
 * Owns packing blocks into batches, oldest first, as sealing does it, and remembering the result
 * from block to block. Does not own what fits (`batching/seal_policy.ts`) or sealing
 * (`stages/seal_batch.ts`).
 * @module
 */
import { EMPTY_BATCH_COUNTERS, joinBatch, type SealLimits } from "../batching/seal_policy.ts";
import type { Hash32 } from "../primitives/hex.ts";
import { readBatch } from "../store/batches.ts";
import { type BlockSummary, requireBlockSummary } from "../store/blocks.ts";
import type { BatchCounters, SealReason } from "../types/batch.ts";
import { type Node, type OpenBatch, readCheckpoint } from "./node.ts";

/** The oldest blocks of a batch. */
export interface TakenBlocks {
  readonly blocks: readonly BlockSummary[];
  readonly counters: BatchCounters;
  /** Why the batch takes no further block; `undefined` while it does. */
  readonly closes: SealReason | undefined;
}

/** An open batch that has to be worked out once; from then on a block costs the same however many. */
export function createOpenBatch(): OpenBatch {
  let known: {
    readonly firstBlock: bigint;
    readonly tipHash: Hash32;
    readonly counters: BatchCounters;
  } | undefined;
  return {
    counters: async (node) => {
      const firstBlock = await firstUnsealedBlock(node);
      const tip = node.tip.get();
      const remembered = known?.firstBlock === firstBlock ? known : undefined;
      let counters: BatchCounters;
      if (remembered?.tipHash === tip.hash) return remembered.counters;
      if (remembered?.tipHash === tip.header.parentHash) {
        counters = afterBlock(remembered.counters, tip, node.sealLimits);
      } else {
        counters = EMPTY_BATCH_COUNTERS;
        for (let number = firstBlock; number <= tip.header.number; number++) {
          const block = await requireBlockSummary(node.kv, number);
          counters = afterBlock(counters, block, node.sealLimits);
        }
      }
      known = { firstBlock, tipHash: tip.hash, counters };
      return counters;
    },
  };
}

/** The first block that is in no sealed batch; it may not be built yet. */
export async function firstUnsealedBlock(node: Node): Promise<bigint> {
  const sealed = await readCheckpoint(node, "seal_batch");
  return ((await readBatch(node.kv, sealed))?.lastBlock ?? 0n) + 1n;
}

/** The blocks from `firstBlock` on that one batch takes. */
export async function takeBlocks(node: Node, firstBlock: bigint): Promise<TakenBlocks> {
  const latest = node.tip.get().header.number;
  const blocks: BlockSummary[] = [];
  let counters = EMPTY_BATCH_COUNTERS;
  for (let number = firstBlock; number <= latest; number++) {
    const block = await requireBlockSummary(node.kv, number);
    const step = joinBatch(counters, block.counters, node.sealLimits);
    if (step.joins) blocks.push(block);
    counters = step.counters;
    if (step.closes !== undefined) return { blocks, counters, closes: step.closes };
  }
  return { blocks, counters, closes: undefined };
}

/** What the open batch has come to once `block` followed. */
function afterBlock(batch: BatchCounters, block: BlockSummary, limits: SealLimits): BatchCounters {
  const joined = joinBatch(batch, block.counters, limits);
  const step = joined.joins ? joined : joinBatch(EMPTY_BATCH_COUNTERS, block.counters, limits);
  return step.closes === undefined ? step.counters : EMPTY_BATCH_COUNTERS;
}
