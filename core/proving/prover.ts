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
export type ProofErrorCode = "PROOF_INVALID" | "PROOF_JOB_MISMATCH" | "PROOF_JOB_UNKNOWN";

/** What a prover is asked to do. */
export interface ProofJob {
  readonly batchNumber: bigint;
  /** Encoded {@linkcode import("./witness.ts").BatchWitness}. */
  readonly witness: Uint8Array;
  /** What the sequencer sealed; the prover must find the same from the witness. */
  readonly publicInputs: PublicInputs;
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
  /** Whether `proof` is one for exactly these public inputs, as the L1 verifier decides it. */
  verify(publicInputs: PublicInputs, proof: Uint8Array): boolean;
}
