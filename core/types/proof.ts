/**
 * A proof of a batch, as it is kept and shown.
 *
 * Owns the record and the words for what each kind leaves trusted. Does not own making or checking
 * one (`proving`).
 * @module
 */
import type { Hash32 } from "../primitives/hex.ts";
import type { BatchNumber } from "../primitives/units.ts";

/** Kinds of proof that exist so far (proof-system stages S0 and later). */
export type ProofKind = "mock";

/** What a reader must still believe when a proof of this kind was accepted. */
export const TRUSTED_BY_PROOF_KIND: Readonly<Record<ProofKind, string>> = {
  mock:
    "everything: the prover re-executed the batch from its witness and vouches for the result; " +
    "L1 checks only that it vouched for exactly these public inputs",
};

/** A proof that the prover made and the node checked. */
export interface ProofRecord {
  readonly batchNumber: BatchNumber;
  readonly kind: ProofKind;
  /** The bytes that the L1 verifier takes. */
  readonly proof: Uint8Array;
  readonly publicInputsHash: Hash32;
}
