/**
 * Taking trusted batches and blocks back, because L1 has said otherwise.
 *
 * Owns the order in which the stages unwind: what depends on a batch goes before it, so that the
 * heads hold after each commit and a crash leaves a shorter chain, never a wrong one. Transactions
 * of dropped blocks wait in the pool again. Does not own deciding it.
 * @module
 */
import { readBatch } from "../store/batches.ts";
import { abandonIntents } from "./l1_recovery.ts";
import { type Node, readCheckpoint } from "./node.ts";
import { buildBlock } from "./stages/build_block.ts";
import { proveBatch } from "./stages/prove_batch.ts";
import { sealBatch } from "./stages/seal_batch.ts";

/**
 * Keeps the batches up to `batch` and the blocks up to `block`, by default the last one of them;
 * drops the rest.
 */
export function unwindTrusted(node: Node, batch: bigint, block?: bigint): Promise<void> {
  return announce(node, unwind(node, batch, block));
}

/** Tells that `unwinding` has begun: who reads meanwhile must not see half of it. */
export function announce(node: Node, unwinding: Promise<void>): Promise<void> {
  node.onUnwind?.(unwinding);
  return unwinding;
}

async function unwind(node: Node, batch: bigint, block: bigint | undefined): Promise<void> {
  const sealed = await readCheckpoint(node, "seal_batch");
  const kept = batch < sealed ? batch : sealed;
  const lastBlock = block ?? (await readBatch(node.kv, kept))?.lastBlock ?? 0n;
  node.derivation.checkedBlockHash = undefined;
  if (kept < sealed) {
    await abandonIntents(node, "verify_batch", kept);
    await abandonIntents(node, "sequence_batch", kept);
    await proveBatch.unwind(node, kept);
    await sealBatch.unwind(node, kept);
  }
  await buildBlock.unwind(node, lastBlock);
}
