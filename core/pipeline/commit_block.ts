/**
 * Making an executed block durable: rows, state and tip in step.
 *
 * Owns that one commit, which building (`stages/build_block.ts`) and following L1
 * (`derive_batch.ts`) share. Does not own what is in the block.
 * @module
 */
import { blockCounters } from "../batching/seal_policy.ts";
import { hexToBytes } from "../primitives/hex.ts";
import { stageBlock, type StoredBlock, type StoredTx, toSummary } from "../store/blocks.ts";
import { CHECKPOINTS, POOL } from "../store/schema.ts";
import { writeCodes } from "../store/state.ts";
import { createWriteSet } from "../store/write_set.ts";
import { headerHash } from "../types/block.ts";
import { type BlockResult, sealHeader } from "../vm/block_transition.ts";
import type { Node } from "./node.ts";

/** A block that was executed on the latest state. */
export interface ExecutedOnTip {
  readonly result: BlockResult;
  /** What is included, in the order of the block. */
  readonly transactions: readonly StoredTx[];
  /** How many of the first of them came as L1->L2 operations. */
  readonly operationTxCount: number;
  /** L1->L2 operations that the block consumes. */
  readonly operationCount: number;
  /** Called when the state has the block, and only writing it is left. */
  readonly onExecuted?: () => void;
}

/** Puts the block after the tip, in one commit; the pool loses what it includes. */
export async function commitBlock(node: Node, executed: ExecutedOnTip): Promise<StoredBlock> {
  const { result, transactions, operationTxCount, operationCount } = executed;
  const parent = node.tip.get();
  const applied = node.state.apply(result.diffs);
  try {
    const header = sealHeader(result.draftHeader, applied.stateRoot);
    const dataTxs = transactions.slice(operationTxCount).map(({ raw }) => raw);
    const block: StoredBlock = {
      header,
      hash: headerHash(header),
      leafCount: applied.leafCount,
      counters: blockCounters(dataTxs, result.counters, operationCount),
      lastOperation: parent.lastOperation + BigInt(operationCount),
      operationTxCount,
      transactions,
      receipts: result.receipts,
      usages: result.outcomes.flatMap((outcome) =>
        outcome.kind === "included" ? [outcome.usage] : []
      ),
      diffs: result.diffs,
    };
    executed.onExecuted?.();
    const writes = createWriteSet(node.kv);
    // Most are in a block before they get a row. One that a commit fails to take away is found, and
    // dropped for its nonce, after the next start.
    for (const { hash } of transactions) {
      if (node.pooledOnDisk.delete(hash)) writes.delete(POOL, [hexToBytes(hash)]);
    }
    await stageBlock(node.kv, writes, block);
    await writeCodes(node.kv, result.newCodes);
    writes.set(CHECKPOINTS, ["build_block"], header.number);
    await writes.commit();
    for (const { hash } of transactions) node.pool.remove(hash);
    node.tip.set(toSummary(block));
    node.clock.observe(header.timestampSec);
    await node.state.committed(header.number, result.diffs);
    return block;
  } catch (error) {
    if (node.tip.get().header.number === parent.header.number) node.state.revert(applied);
    throw error;
  }
}
