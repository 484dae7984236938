/**
 * Stage 4: a sealed batch gets a proof, made from its witness alone and checked before it is kept.
 *
 * Owns handing out jobs and keeping proofs. Checkpoint: the latest batch with a proof. The witness
 * is gathered in `batch_witness.ts`, the proof is made in `proving`.
 * @module
 */
import { equalBytes } from "../../primitives/bytes.ts";
import { assert, RollupError } from "../../primitives/errors.ts";
import { areaLog } from "../../primitives/ports.ts";
import type { ProofErrorCode, ProofJob } from "../../proving/prover.ts";
import { decodePublicInputs, encodePublicInputs } from "../../proving/public_inputs.ts";
import { PROVERS } from "../../proving/registry.ts";
import { requireBatch } from "../../store/batches.ts";
import { writeBlob } from "../../store/blob.ts";
import { CHECKPOINTS, PROOFS } from "../../store/schema.ts";
import { readRow } from "../../store/table.ts";
import { createWriteSet } from "../../store/write_set.ts";
import type { ProofKind } from "../../types/proof.ts";
import { gatherProofJobs, sealedInputs } from "../batch_witness.ts";
import { readHeads } from "../heads.ts";
import { type Node, readCheckpoint } from "../node.ts";
import type { Stage, StepOutcome } from "../stage.ts";

/** The kind of proof that this chain's verifier takes. */
const PROOF_KIND: ProofKind = "mock";

/** Proves the lowest sealed batch that has no proof. */
export const proveBatch: Stage = { id: "prove_batch", step, unwind };

async function step(node: Node): Promise<StepOutcome> {
  const moved = await matchL1(node);
  if (moved !== undefined) return moved;
  const job = await nextProofJob(node);
  if (job === undefined) return { kind: "idle" };
  const machine = { executor: node.executor, treeHash: node.treeHash };
  const proof = await PROVERS[PROOF_KIND].prove(job, machine);
  await acceptProof(node, job.batchNumber, proof);
  return { kind: "done", number: job.batchNumber };
}

/**
 * What L1 has verified needs no proof here; and a proof names who sends it, so that another sender
 * needs others.
 */
async function matchL1(node: Node): Promise<StepOutcome | undefined> {
  const { verified } = await readHeads(node);
  const proven = await readCheckpoint(node, "prove_batch");
  if (proven < verified) {
    const writes = createWriteSet(node.kv);
    writes.set(CHECKPOINTS, ["prove_batch"], verified);
    await writes.commit();
    const text = `L1 has verified the batches up to ${verified}: they need no proof here`;
    return { kind: "progress", number: verified, text };
  }
  if (proven === verified) return undefined;
  const next = await readRow(node.kv, PROOFS, [verified + 1n]);
  const { address } = node.l1.aggregator;
  if (next === undefined) {
    // L1 had verified it with somebody's proof, and has lost that.
    await unwind(node, verified);
    const text = `batch ${verified + 1n} has no proof here, and L1 lost the one it had`;
    return { kind: "progress", number: verified, text };
  }
  const { prover } = decodePublicInputs(next.publicInputs);
  if (prover === address) return undefined;
  await unwind(node, verified);
  const text = `dropped proofs for ${prover}: ${address} sends them now`;
  return { kind: "progress", number: verified, text };
}

/** The lowest sealed batch without a proof, as a job for any prover. */
export async function nextProofJob(node: Node): Promise<ProofJob | undefined> {
  await matchL1(node);
  const isBehind = await unwindToHole(node);
  const next = await readCheckpoint(node, "prove_batch") + 1n;
  if (!isBehind && next > await readCheckpoint(node, "seal_batch")) return undefined;
  return await jobOf(node, next);
}

/** How many batches are gathered along, if so many wait: the state stands still meanwhile. */
const MAX_GATHERED = 4n;

/** The job of `number`, and of those after it, whose witnesses cost less together. */
async function jobOf(node: Node, number: bigint): Promise<ProofJob> {
  const { gathered } = node;
  const inputs = encodePublicInputs(sealedInputs(node, await requireBatch(node.kv, number)));
  // Public inputs name all that a witness is made of.
  const isWanted = (job: ProofJob | undefined) =>
    job?.batchNumber === number && equalBytes(encodePublicInputs(job.publicInputs), inputs);
  while (gathered.jobs.length > 0 && !isWanted(gathered.jobs[0])) gathered.jobs.shift();
  const [kept] = gathered.jobs;
  if (kept !== undefined) return kept;
  const sealed = await readCheckpoint(node, "seal_batch");
  const last = sealed < number + MAX_GATHERED ? sealed : number + MAX_GATHERED - 1n;
  const [job, ...later] = await gatherProofJobs(node, number, last)
    // One that cannot be gathered does not keep those before it from being proven.
    .catch(() => gatherProofJobs(node, number, number));
  assert(job !== undefined, "the first job is that of the batch");
  gathered.jobs.push(job, ...later);
  return job;
}

/**
 * Goes back to a batch that has no proof here, if all are said to be proven: L1 had verified it with
 * somebody else's, and has reorganised since. Answers whether there was one.
 */
async function unwindToHole(node: Node): Promise<boolean> {
  const proven = await readCheckpoint(node, "prove_batch");
  if (proven < await readCheckpoint(node, "seal_batch")) return false;
  const { verified } = await readHeads(node);
  for (let number = verified + 1n; number <= proven; number++) {
    if (await readRow(node.kv, PROOFS, [number]) !== undefined) continue;
    await unwind(node, number - 1n);
    return true;
  }
  return false;
}

/**
 * Checks `proof` against what was sealed and keeps it.
 *
 * @throws `PROOF_JOB_UNKNOWN` when `batchNumber` is not the next to prove, `PROOF_INVALID`.
 */
export async function acceptProof(
  node: Node,
  batchNumber: bigint,
  proof: Uint8Array,
): Promise<void> {
  const next = await readCheckpoint(node, "prove_batch") + 1n;
  if (batchNumber !== next || next > await readCheckpoint(node, "seal_batch")) {
    throw new RollupError<ProofErrorCode>(
      "PROOF_JOB_UNKNOWN",
      `Cannot take a proof of batch ${batchNumber}: the next batch to prove is ${next}`,
      {
        details: { batchNumber, next },
        mend: "Ask for the next job again; another prover may have been faster.",
      },
    );
  }
  const inputs = sealedInputs(node, await requireBatch(node.kv, batchNumber));
  const prover = PROVERS[PROOF_KIND];
  if (!prover.verify(inputs, proof)) {
    throw new RollupError<ProofErrorCode>(
      "PROOF_INVALID",
      `Cannot accept the proof of batch ${batchNumber}: it is not for the public inputs sealed here`,
      {
        details: { batchNumber, kind: prover.kind },
        mend: "Prove the batch again from the job that this node hands out.",
      },
    );
  }
  const proofBlob = await writeBlob(node.kv, proof);
  const writes = createWriteSet(node.kv);
  writes.set(PROOFS, [batchNumber], {
    kind: prover.kind,
    proofBlob,
    publicInputs: encodePublicInputs(inputs),
  });
  writes.set(CHECKPOINTS, ["prove_batch"], batchNumber);
  await writes.commit();
  areaLog(node.log, "proof").info("Proved batch", {
    batchNumber,
    kind: prover.kind,
    proofBytes: proof.length,
  });
}

/** Forgets proofs above `target`. */
async function unwind(node: Node, target: bigint): Promise<void> {
  const proven = await readCheckpoint(node, "prove_batch");
  if (proven <= target) return;
  const writes = createWriteSet(node.kv);
  for (let number = proven; number > target; number--) writes.delete(PROOFS, [number]);
  writes.set(CHECKPOINTS, ["prove_batch"], target);
  await writes.commit();
}
