/**
 * The provers that exist, by the kind of their proofs.
 *
 * Owns the list; a new prover is one line here. Does not own which kind a chain accepts: its L1
 * contract says that.
 * @module
 */
import type { ProofKind } from "../types/proof.ts";
import type { Prover } from "./prover.ts";
import { mockProver } from "./provers/mock/mod.ts";

/** Every prover by its kind. */
export const PROVERS: Readonly<Record<ProofKind, Prover>> = {
  mock: mockProver,
};
