/**
 * What a prover is, whatever its kind.
 *
 * Owns the port. Does not own any prover (`provers/<name>/mod.ts`) or their list (`registry.ts`).
 * @module
 */
import type { ProofKind } from "../types/proof.ts";
import type { PublicInputs } from "./public_inputs.ts";
import type { TransitionMachine } from "./state_transition.ts";

/** Codes of this room. */
export type ProofErrorCode =
  | "PROOF_INVALID"
  | "PROOF_JOB_MISMATCH"
  | "PROOF_JOB_UNKNOWN"
  | "PROOF_PARTS_NOT_CONSECUTIVE";

/** What a prover is asked to do. */
export interface ProofJob {
  readonly batchNumber: bigint;
  /** Encoded {@linkcode import("./witness.ts").BatchWitness}. */
  readonly witness: Uint8Array;
  /** What the sequencer sealed; the prover must find the same from the witness. */
  readonly publicInputs: PublicInputs;
}

/** A statement and a proof of it, of one batch or of a range of consecutive ones. */
export interface ProvenInputs {
  readonly publicInputs: PublicInputs;
  readonly proof: Uint8Array;
}

/** Makes and checks proofs of one kind. */
export interface Prover {
  readonly kind: ProofKind;
  /**
   * Re-executes the job's witness and proves what it found.
   *
   * @throws `PROOF_JOB_MISMATCH` naming the first public input that differs, and the codes of
   * `decodeBatchWitness` and `runBatch`.
   */
  prove(job: ProofJob, machine: TransitionMachine): Promise<Uint8Array>;
  /**
   * One proof in the place of those of consecutive batches, each of a single one; of one part it is
   * the part itself.
   *
   * @throws `PROOF_PARTS_NOT_CONSECUTIVE`, `PROOF_INVALID` naming the part.
   */
  aggregate(parts: readonly ProvenInputs[]): Promise<ProvenInputs>;
  /** Whether `proof` is one for exactly these public inputs, as the L1 verifier decides it. */
  verify(publicInputs: PublicInputs, proof: Uint8Array): boolean;
}
