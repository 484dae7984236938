/**
 * Stage 3: the data of sealed batches goes to L1 (`sequenceBatches`).
 *
 * Owns the call and what its refusals mean. Checkpoint: the latest batch whose transaction was mined;
 * that it is *virtual* is for `sync_l1` to say. How many batches a transaction takes is in
 * `l1/submit_policy.ts`, sending in `l1_sender.ts`.
 * @module
 */
import { encodeSequenceBatches } from "../../l1/calls.ts";
import { MAX_BATCHES_PER_SEQUENCE } from "../../l1/sequence_calldata.ts";
import { chooseSequence, MAX_SEQUENCE_LEAD_SEC, sequenceGasBound } from "../../l1/submit_policy.ts";
import { assert, type RollupError } from "../../primitives/errors.ts";
import type { Hex } from "../../primitives/hex.ts";
import { batchNumber } from "../../primitives/units.ts";
import { readBatch, readBatchData, requireBatch } from "../../store/batches.ts";
import { readOperation } from "../../store/operations.ts";
import type { Batch } from "../../types/batch.ts";
import { type BatchRange, describeRange, type NextIntent } from "../l1_intent.ts";
import { unwindIntents } from "../l1_recovery.ts";
import { callRefused, refusalName } from "../l1_refused.ts";
import { stepIntents } from "../l1_sender.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";

/** Sends the lowest sealed batches that L1 has not got yet. */
export const sequenceBatch: Stage = {
  id: "sequence_batch",
  step,
  unwind: (node, target) => unwindIntents(node, "sequence_batch", target),
};

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  return await stepIntents(node, {
    stage: "sequence_batch",
    from: node.l1.sequencer,
    maxInFlight: node.submitPolicy.maxInFlight,
    next: (firstBatch) => nextSequence(node, firstBatch, wish.now === true),
    explain: (refusal, range) => explainRefusal(node, refusal, range),
  });
}

/** Seconds by which L1's next block may be later than what this node knows of the time. */
const DUE_MARGIN_SEC = 60n;

/** As many sealed batches from `firstBatch` on as one transaction takes, if it is time. */
async function nextSequence(
  node: Node,
  firstBatch: bigint,
  isAsked: boolean,
): Promise<NextIntent> {
  const sealed = await readCheckpoint(node, "seal_batch");
  if (firstBatch > sealed) return { kind: "idle" };
  const { submitPolicy: policy } = node;
  const nowSec = node.clock.nowSec();
  const consumed = await lastOperationBefore(node, firstBatch);
  const lastDue = await lastDueOperation(node, consumed, nowSec + DUE_MARGIN_SEC);
  const batches: Batch[] = [];
  for (let number = firstBatch; number <= sealed; number++) {
    // One more than fits: that there is another one shows that the transaction is full.
    const isEnough = batches.length > policy.maxBatchesPerSequence &&
      (batches.at(-1)?.lastOperation ?? consumed) >= lastDue;
    if (isEnough || batches.length > MAX_BATCHES_PER_SEQUENCE) break;
    batches.push(await requireBatch(node.kv, number));
  }
  const candidates = batches.map((batch, index) => ({
    number: batch.number,
    dataBytes: batch.counters.batchDataBytes,
    limitTimestampSec: batch.limitTimestampSec,
    coinbase: batch.coinbase,
    isUrgent: (batches[index - 1]?.lastOperation ?? consumed) < lastDue &&
      batch.lastOperation > (batches[index - 1]?.lastOperation ?? consumed),
  }));
  const choice = chooseSequence(candidates, policy, { nowSec, isAsked });
  if (choice.kind === "wait") return { kind: "waiting", text: choice.text };
  const { lastBatch } = choice;
  const sent = batches.filter(({ number }) => number <= lastBatch);
  const sizesBytes = sent.map(({ counters }) => counters.batchDataBytes);
  return {
    kind: "intent",
    lastBatch,
    gasBound: sequenceGasBound(sizesBytes),
    calldata: () => encodeCall(node, sent),
  };
}

/** The last L1->L2 operation that the batches before `firstBatch` consume. */
async function lastOperationBefore(node: Node, firstBatch: bigint): Promise<bigint> {
  return firstBatch === 1n ? 0n : (await requireBatch(node.kv, firstBatch - 1n)).lastOperation;
}

/** The last operation after `consumed` that is due by then; deadlines never go down in the queue. */
async function lastDueOperation(node: Node, consumed: bigint, bySec: bigint): Promise<bigint> {
  for (let last = consumed;; last++) {
    const operation = await readOperation(node.kv, last + 1n);
    if (operation === undefined || operation.deadlineSec > bySec) return last;
  }
}

async function encodeCall(node: Node, batches: readonly Batch[]): Promise<Hex> {
  const [first, last] = [batches[0], batches.at(-1)];
  assert(first !== undefined && last !== undefined, "a call that is sent has a batch");
  const sent = [];
  let consumed = await lastOperationBefore(node, first.number);
  for (const batch of batches) {
    const transactions = await readBatchData(node.kv, batch.number);
    const { lastOperation, limitTimestampSec: timestampSec } = batch;
    sent.push({ transactions, timestampSec, operationCount: lastOperation - consumed });
    consumed = lastOperation;
  }
  return encodeSequenceBatches({
    batches: sent,
    initSequencedBatch: batchNumber(first.number - 1n),
    expectedFinalAccInputHash: last.newAccInputHash,
    l2Coinbase: first.coinbase,
  });
}

/** A clock ahead of L1's is waited for; every other refusal is an error that says what to do. */
async function explainRefusal(
  node: Node,
  refusal: RollupError,
  range: BatchRange,
): Promise<StepOutcome> {
  const batch = await requireBatch(node.kv, range.lastBatch);
  switch (refusalName(refusal)) {
    case "MaxTimestampSequenceInvalid": {
      const fromSec = batch.limitTimestampSec - MAX_SEQUENCE_LEAD_SEC;
      const l1Block = await node.l1.client.block("latest");
      const missingSec = fromSec - (l1Block?.timestampSec ?? 0n);
      const text = `${describeRange(range)} can be sequenced from L1 time ${fromSec} on, ` +
        `${missingSec} s after L1's latest block: this node's clock is ahead of L1's`;
      return { kind: "waiting", text };
    }
    case "ForceBatchDeadlinePassed": {
      const operation = await readOperation(node.kv, batch.lastOperation + 1n);
      const more = operation === undefined
        ? `operation ${batch.lastOperation + 1n}, which was not read from L1 yet`
        : `operation ${operation.number} of ${operation.sender}, due at ${operation.deadlineSec}`;
      throw callRefused("sequence", range, refusal, more, await mendOfLateOperation(node, batch));
    }
    case "ForceBatchesOverflow":
      throw callRefused("sequence", range, refusal, `up to operation ${batch.lastOperation}`);
    case "OnlyTrustedSequencer": {
      const { sequencer, trustedSequencer } = node.l1;
      const more = `this node sends as ${sequencer.address}, and knew ${trustedSequencer}`;
      throw callRefused("sequence", range, refusal, more);
    }
    default:
      throw callRefused("sequence", range, refusal);
  }
}

/**
 * What helps when the overdue operation after `batch` is sealed already, too far behind it for one
 * call: only another order of batches, which a forced batch brings about.
 */
async function mendOfLateOperation(node: Node, batch: Batch): Promise<string | undefined> {
  if (node.censored.size > 0) {
    return "This node was started with `--censor`. Start it without, then run `sync`, `seal-batch` " +
      "and `submit`; or let anyone run `submit --forced`.";
  }
  const sealed = await readBatch(node.kv, await readCheckpoint(node, "seal_batch"));
  if (sealed === undefined || sealed.lastOperation <= batch.lastOperation) return undefined;
  return "No call is large enough for all batches up to the operation. Run `submit --forced`, which " +
    "sequences it before them, then `sync --roles synchronizer`, which builds them again behind it.";
}
