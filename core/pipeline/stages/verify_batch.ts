/**
 * Stage 5: a proof goes to L1 (`verifyBatches`).
 *
 * Owns the call. Checkpoint: the latest batch whose transaction was mined; that it is
 * *consolidated* is for `sync_l1` to say. Sending is in `l1_sender.ts`.
 * @module
 */
import { encodeVerifyBatches } from "../../l1/calls.ts";
import { decodePublicInputs } from "../../proving/public_inputs.ts";
import { readBlob } from "../../store/blob.ts";
import { PROOFS } from "../../store/schema.ts";
import { requireRow } from "../../store/table.ts";
import { stepIntent, unwindIntents } from "../l1_sender.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome } from "../stage.ts";

/** Sends the lowest proof that L1 has not got yet, once its batch is there. */
export const verifyBatch: Stage = {
  id: "verify_batch",
  step,
  unwind: (node, target) => unwindIntents(node, "verify_batch", target),
};

async function step(node: Node): Promise<StepOutcome> {
  const next = await readCheckpoint(node, "verify_batch") + 1n;
  if (next > await readCheckpoint(node, "prove_batch")) return { kind: "idle" };
  if (next > await readCheckpoint(node, "sequence_batch")) {
    return { kind: "waiting", text: `batch ${next} is not sequenced on L1 yet` };
  }
  return await stepIntent(node, {
    stage: "verify_batch",
    batchNumber: next,
    from: node.l1.aggregator,
    calldata: async () => {
      const row = await requireRow(node.kv, PROOFS, [next]);
      const inputs = decodePublicInputs(row.publicInputs);
      return encodeVerifyBatches({
        initNumBatch: inputs.initNumBatch,
        finalNewBatch: inputs.finalNewBatch,
        newStateRoot: inputs.newStateRoot,
        newLeafCount: inputs.newLeafCount,
        newLocalExitRoot: inputs.newLocalExitRoot,
        pubdataHash: inputs.pubdataHash,
        proof: await readBlob(node.kv, row.proofBlob),
      });
    },
  });
}
