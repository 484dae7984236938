/**
 * Stage 3: the data of a sealed batch goes to L1 (`sequenceBatches`).
 *
 * Owns the call. Checkpoint: the latest batch whose transaction was mined; that it is *virtual* is
 * for `sync_l1` to say. Sending is in `l1_sender.ts`.
 * @module
 */
import { encodeSequenceBatches } from "../../l1/calls.ts";
import { batchNumber } from "../../primitives/units.ts";
import { readBatchData, requireBatch } from "../../store/batches.ts";
import { stepIntent, unwindIntents } from "../l1_sender.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome } from "../stage.ts";

/** Sends the lowest sealed batch that L1 has not got yet. */
export const sequenceBatch: Stage = {
  id: "sequence_batch",
  step,
  unwind: (node, target) => unwindIntents(node, "sequence_batch", target),
};

async function step(node: Node): Promise<StepOutcome> {
  const next = await readCheckpoint(node, "sequence_batch") + 1n;
  if (next > await readCheckpoint(node, "seal_batch")) return { kind: "idle" };
  return await stepIntent(node, {
    stage: "sequence_batch",
    batchNumber: next,
    from: node.l1.sequencer,
    calldata: async () => {
      const batch = await requireBatch(node.kv, next);
      return encodeSequenceBatches({
        batches: [await readBatchData(node.kv, next)],
        maxSequenceTimestampSec: batch.limitTimestampSec,
        initSequencedBatch: batchNumber(next - 1n),
        l2Coinbase: batch.coinbase,
      });
    },
  });
}
