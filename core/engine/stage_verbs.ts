/**
 * Verbs that step a stage as often as it takes.
 *
 * Owns when such a verb is at its end and what it answers. Does not own a step (`pipeline/stages`) or
 * what keeps steps apart (`local_engine.ts`).
 * @module
 */
import { readHeads } from "../pipeline/heads.ts";
import { type Node, readCheckpoint } from "../pipeline/node.ts";
import type { Stage, StepOutcome, StepWish } from "../pipeline/stage.ts";
import { proveBatch } from "../pipeline/stages/prove_batch.ts";
import { sequenceBatch } from "../pipeline/stages/sequence_batch.ts";
import { syncL1 } from "../pipeline/stages/sync_l1.ts";
import { verifyBatch } from "../pipeline/stages/verify_batch.ts";
import { RollupError } from "../primitives/errors.ts";
import { L1_TXS } from "../store/schema.ts";
import { listRows } from "../store/table.ts";
import { l1TxToView, proofToView } from "./answers.ts";
import type { L1TransactionView, Progress, ProveView, SyncView } from "./engine.ts";
import { toNumber } from "./views.ts";

/** Codes of this file. */
export type StageVerbErrorCode = "STAGE_STUCK";

/** One step of a stage, while nothing else is under way, and where its checkpoint stands then. */
export type StepOnce = (
  stage: Stage,
  wish?: StepWish,
) => Promise<{ outcome: StepOutcome; checkpoint: bigint }>;

/** Steps `stage` until it is idle or waits; says so after each step. */
async function stepAll(
  step: StepOnce,
  stage: Stage,
  onStep: (outcome: StepOutcome, checkpoint: bigint) => void,
  wish: StepWish = {},
): Promise<void> {
  for (;;) {
    const { outcome, checkpoint } = await step(stage, wish);
    if (outcome.kind === "idle") return;
    onStep(outcome, checkpoint);
    if (outcome.kind === "waiting") return;
  }
}

/** Sends batches and proofs, and what L1 has of both by then. @throws `STAGE_STUCK` */
export async function submit(
  node: Node,
  step: StepOnce,
  wish: StepWish,
  progress?: Progress,
): Promise<readonly L1TransactionView[]> {
  const views: L1TransactionView[] = [];
  const refusals: unknown[] = [];
  let stepCount = 0;
  // Each for itself: what keeps batches off L1 does not keep proofs of others off.
  for (const stage of [sequenceBatch, verifyBatch]) {
    const before = await readCheckpoint(node, stage.id);
    await stepAll(step, stage, (outcome) => {
      stepCount = outcome.kind === "done" ? 0 : stepCount + 1;
      if (stepCount > MAX_STEPS_WITHOUT_RESULT) throw stageStuck(stage.id, outcome);
      if (outcome.kind === "done") progress?.(`L1 mined ${stage.id} of batch ${outcome.number}`);
      else if (outcome.kind !== "idle") progress?.(outcome.text);
    }, wish).catch((refusal) => refusals.push(refusal));
    const range = { from: [stage.id, before + 1n], until: [stage.id, 1n << 64n] };
    for await (const { key, value } of listRows(node.kv, L1_TXS, range)) {
      if (typeof key[2] !== "bigint" || value.status === "failed") continue;
      views.push(l1TxToView(stage.id, key[2], value));
    }
  }
  if (refusals.length > 0) throw refusals[0];
  return views;
}

/** Proves what is sealed. */
export async function prove(
  node: Node,
  step: StepOnce,
  progress?: Progress,
): Promise<readonly ProveView[]> {
  const provenBatches: bigint[] = [];
  await stepAll(step, proveBatch, (outcome, checkpoint) => {
    if (outcome.kind !== "done") return;
    progress?.(`proved batch ${checkpoint}`);
    provenBatches.push(outcome.number);
  });
  return await Promise.all(provenBatches.map((number) => proofToView(node, number)));
}

/** Reads L1 to its head. */
export async function sync(node: Node, step: StepOnce, progress?: Progress): Promise<SyncView> {
  const before = await readHeads(node);
  let unwound = 0n;
  let reached = before.l1Block;
  await stepAll(step, syncL1, (outcome, checkpoint) => {
    if (checkpoint < reached) unwound += reached - checkpoint;
    reached = checkpoint;
    const hasText = outcome.kind === "progress" || outcome.kind === "waiting";
    progress?.(hasText ? outcome.text : `read L1 up to block ${checkpoint}`);
  });
  const after = await readHeads(node);
  return {
    fromL1Block: toNumber(before.l1Block),
    toL1Block: toNumber(after.l1Block),
    sequenced: toNumber(after.sequenced),
    verified: toNumber(after.verified),
    unwoundL1Blocks: toNumber(unwound),
  };
}

/** Far more than writing, raising and sending all that may be under way. */
const MAX_STEPS_WITHOUT_RESULT = 2_000;

/** L1 makes us do the same things over and over; who asks gets an answer all the same. */
function stageStuck(stage: string, outcome: StepOutcome): RollupError<StageVerbErrorCode> {
  const last = "text" in outcome ? outcome.text : outcome.kind;
  return new RollupError(
    "STAGE_STUCK",
    `Cannot bring ${stage} to an end: ${MAX_STEPS_WITHOUT_RESULT} steps moved nothing, ` +
      `the last one ${last}`,
    {
      details: { stage, last },
      mend: "Look at the L1 node: it may take transactions and lose them. Then run `sync`.",
    },
  );
}
