/**
 * Stage 5: proofs go to L1 (`verifyBatches`), of one sequence or of several in one.
 *
 * Owns the call and what its refusals mean. Checkpoint: the latest batch whose transaction was mined;
 * that it is *consolidated* is for `sync_l1` to say. When to send is in `l1/submit_policy.ts`,
 * sending in `l1_sender.ts`.
 * @module
 */
import { encodeVerifyBatches, encodeVerifyBatchesTrustedAggregator } from "../../l1/calls.ts";
import {
  readRollupParameters,
  readSequencedBatch,
  readTrustedAggregator,
} from "../../l1/rollup_views.ts";
import { chooseVerification, MAX_BATCHES_PER_PROOF } from "../../l1/submit_policy.ts";
import { RollupError } from "../../primitives/errors.ts";
import type { Hex } from "../../primitives/hex.ts";
import { batchNumber } from "../../primitives/units.ts";
import type { ProvenInputs } from "../../proving/prover.ts";
import { decodePublicInputs } from "../../proving/public_inputs.ts";
import { PROVERS } from "../../proving/registry.ts";
import { readBlob } from "../../store/blob.ts";
import { L1_TXS, PROOFS } from "../../store/schema.ts";
import { readRow, requireRow } from "../../store/table.ts";
import { readL1Heads } from "../heads.ts";
import { type BatchRange, describeRange, type NextIntent } from "../l1_intent.ts";
import { unwindIntents } from "../l1_recovery.ts";
import { callRefused, refusalName } from "../l1_refused.ts";
import { stepIntents } from "../l1_sender.ts";
import { type Node, readCheckpoint } from "../node.ts";
import { readSequenceEnds } from "../sequence_ends.ts";
import type { Stage, StepOutcome, StepWish } from "../stage.ts";

/** Codes of this stage. */
export type VerifyErrorCode = "PROOF_OF_OTHER_PROVER";

/** Sends the lowest proofs that L1 has not got yet, once their batches are there. */
export const verifyBatch: Stage = {
  id: "verify_batch",
  step,
  unwind: (node, target) => unwindIntents(node, "verify_batch", target),
};

async function step(node: Node, wish: StepWish = {}): Promise<StepOutcome> {
  return await stepIntents(node, {
    stage: "verify_batch",
    from: node.l1.aggregator,
    // A proof starts from the state that the one before it has brought to L1.
    maxInFlight: 1,
    next: (firstBatch) => nextVerification(node, firstBatch, wish.now === true),
    explain: (refusal, range) => explainRefusal(node, refusal, range),
  });
}

/** All proven sequences from `firstBatch` on, if it is time. */
async function nextVerification(
  node: Node,
  firstBatch: bigint,
  isAsked: boolean,
): Promise<NextIntent> {
  const proven = await readCheckpoint(node, "prove_batch");
  if (firstBatch > proven) return { kind: "idle" };
  const heads = await readL1Heads(node);
  const mined = await readCheckpoint(node, "sequence_batch");
  const sequenced = mined > heads.sequenced ? mined : heads.sequenced;
  if (firstBatch > sequenced) {
    return { kind: "waiting", text: `batch ${firstBatch} is not sequenced on L1 yet` };
  }
  const reach = firstBatch + MAX_BATCHES_PER_PROOF;
  const sequenceEnds = await readSequenceEnds(
    node,
    firstBatch,
    sequenced < reach ? sequenced : reach,
  );
  const here = await lastProofHere(node, firstBatch, proven);
  const ends = sequenceEnds.filter((end) => end <= here);
  if (ends.length === 0) {
    const missing = `batch ${here + 1n} has no proof here yet`;
    const lastBatch = sequenceEnds[0] ?? sequenced;
    const text = lastBatch === firstBatch
      ? missing
      : `${describeRange({ firstBatch, lastBatch })} were sequenced together and are verified ` +
        `together: ${missing}`;
    return { kind: "waiting", text };
  }
  const time = { nowSec: node.clock.nowSec(), isAsked };
  const lastVerifiedAtSec = await readLastVerifiedAt(node, firstBatch - 1n);
  const facts = { firstBatch, ends, lastVerifiedAtSec };
  const choice = chooseVerification(facts, node.submitPolicy, time);
  if (choice.kind === "wait") return { kind: "waiting", text: choice.text };
  const range: BatchRange = { firstBatch, lastBatch: choice.lastBatch };
  // It is always tried out before it is written: nothing else of this stage is under way then.
  return { kind: "intent", ...range, gasBound: 0n, calldata: () => encodeCall(node, range) };
}

/**
 * The last of the batches from `first` to `last` up to which each has a proof here. One that L1 had
 * verified before it reorganised counts as proven and may have been proven elsewhere.
 */
async function lastProofHere(node: Node, first: bigint, last: bigint): Promise<bigint> {
  let number = first;
  while (number <= last && await readRow(node.kv, PROOFS, [number]) !== undefined) number++;
  return number - 1n;
}

/** When L1 mined the verification that ended with batch `number`, where an interval asks for it. */
async function readLastVerifiedAt(node: Node, number: bigint): Promise<bigint | undefined> {
  if (node.submitPolicy.verifyIntervalSec === 0n) return undefined;
  const row = await readRow(node.kv, L1_TXS, ["verify_batch", number]);
  if (row?.l1BlockNumber === undefined) return undefined;
  return (await node.l1.client.block(row.l1BlockNumber))?.timestampSec;
}

async function encodeCall(node: Node, range: BatchRange): Promise<Hex> {
  const { publicInputs: inputs, proof } = await readProof(node, range);
  const call = {
    initNumBatch: inputs.initNumBatch,
    finalNewBatch: inputs.finalNewBatch,
    newStateRoot: inputs.newStateRoot,
    newLeafCount: inputs.newLeafCount,
    newLocalExitRoot: inputs.newLocalExitRoot,
    pubdataHash: inputs.pubdataHash,
    proof,
  };
  const { client, rollup, aggregator } = node.l1;
  // Asked each time: the admin may have named another since the node was opened.
  const trusted = await readTrustedAggregator(client, rollup);
  return aggregator.address === trusted
    ? encodeVerifyBatchesTrustedAggregator(call)
    : encodeVerifyBatches(call);
}

/**
 * One proof of all batches of `range`.
 *
 * @throws `PROOF_OF_OTHER_PROVER`
 */
async function readProof(node: Node, range: BatchRange): Promise<ProvenInputs> {
  const parts: ProvenInputs[] = [];
  for (let number = range.firstBatch; number <= range.lastBatch; number++) {
    const row = await requireRow(node.kv, PROOFS, [number]);
    const publicInputs = decodePublicInputs(row.publicInputs);
    const { address } = node.l1.aggregator;
    if (publicInputs.prover !== address) throw otherProver(number, publicInputs.prover, address);
    parts.push({ publicInputs, proof: await readBlob(node.kv, row.proofBlob) });
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : await PROVERS.mock.aggregate(parts);
}

function otherProver(
  number: bigint,
  prover: string,
  address: string,
): RollupError<VerifyErrorCode> {
  return new RollupError(
    "PROOF_OF_OTHER_PROVER",
    `Cannot verify batch ${number} as its proof must name the sender ${address}: ` +
      `it names ${prover}`,
    { details: { batchNumber: number, prover, sender: address }, mend: "Run `prove` again." },
  );
}

/** The trusted aggregator's timeout is waited for; every other refusal says what to do. */
async function explainRefusal(
  node: Node,
  refusal: RollupError,
  range: BatchRange,
): Promise<StepOutcome> {
  const { client, rollup, aggregator } = node.l1;
  switch (refusalName(refusal)) {
    case "TrustedAggregatorTimeoutNotExpired": {
      const [record, { trustedAggregator, trustedAggregatorTimeoutSec }] = await Promise.all([
        readSequencedBatch(client, rollup, batchNumber(range.lastBatch)),
        readRollupParameters(client, rollup),
      ]);
      const fromSec = (record?.sequencedTimestampSec ?? 0n) + trustedAggregatorTimeoutSec;
      const text =
        `${describeRange(range)} can be verified by anyone from L1 time ${fromSec} on, ` +
        `until then by ${trustedAggregator} only`;
      return { kind: "waiting", text };
    }
    case "OnlyTrustedAggregator": {
      const more = `this node sends as ${aggregator.address}`;
      throw callRefused("verify", range, refusal, more);
    }
    default:
      throw callRefused("verify", range, refusal);
  }
}
