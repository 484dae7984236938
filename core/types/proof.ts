/**
 * Kinds of proof, as they are kept and shown.
 *
 * Owns the kinds and the words for what each leaves trusted. Does not own making or checking
 * one (`proving`).
 * @module
 */
/** Kinds of proof that exist so far (proof-system stages S0 and later). */
export type ProofKind = "mock";

/** What a reader must still believe when a proof of this kind was accepted. */
export const TRUSTED_BY_PROOF_KIND: Readonly<Record<ProofKind, string>> = {
  mock:
    "everything: the prover re-executed the batch from its witness and vouches for the result; " +
    "L1 checks only that it vouched for exactly these public inputs",
};
