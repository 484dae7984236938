/**
 * The mock prover: re-executes the batch from its witness and vouches for the public inputs.
 *
 * What stays trusted is everything: L1 sees that somebody vouched for exactly these inputs, not
 * that they are true. It is honest all the same: it refuses a batch whose re-execution differs, and
 * aggregates proofs only that are valid and follow one another.
 * The proof is 0x00 (the kind) and keccak256("varve/mock/1", public inputs hash), which
 * `MockVerifier.sol` recomputes.
 * @module
 */
import { keccak256Bytes } from "../../../crypto/keccak.ts";
import { concatBytes, equalBytes } from "../../../primitives/bytes.ts";
import { RollupError } from "../../../primitives/errors.ts";
import { hexToBytes } from "../../../primitives/hex.ts";
import { aggregatePublicInputs } from "../../aggregate.ts";
import { assertSameInputs } from "../../job.ts";
import type { ProofErrorCode, ProvenInputs, Prover } from "../../prover.ts";
import { hashPublicInputs, type PublicInputs } from "../../public_inputs.ts";
import { runBatch } from "../../state_transition.ts";
import { decodeBatchWitness } from "../../witness.ts";

const KIND_BYTE = 0x00;
const DOMAIN = new TextEncoder().encode("varve/mock/1");

/** Proof kind `mock`. */
export const mockProver: Prover = {
  kind: "mock",
  prove: async (job, machine) => {
    const found = await runBatch(decodeBatchWitness(job.witness), machine);
    assertSameInputs(job, found);
    return mockProof(found);
  },
  aggregate: (parts) => Promise.try(() => aggregate(parts)),
  verify: (publicInputs, proof) => equalBytes(proof, mockProof(publicInputs)),
};

/** Nothing is compressed here: what was vouched for part by part is vouched for as a whole. */
function aggregate(parts: readonly ProvenInputs[]): ProvenInputs {
  const publicInputs = aggregatePublicInputs(parts.map((part) => part.publicInputs));
  for (const [index, part] of parts.entries()) {
    if (mockProver.verify(part.publicInputs, part.proof)) continue;
    throw new RollupError<ProofErrorCode>(
      "PROOF_INVALID",
      `Cannot aggregate the proofs as each must be valid: the one of part ${index + 1} is not`,
      {
        details: { index, finalNewBatch: part.publicInputs.finalNewBatch },
        mend: "Prove that batch again.",
      },
    );
  }
  return { publicInputs, proof: mockProof(publicInputs) };
}

function mockProof(publicInputs: PublicInputs): Uint8Array {
  const digest = keccak256Bytes(concatBytes(DOMAIN, hexToBytes(hashPublicInputs(publicInputs))));
  return concatBytes(Uint8Array.of(KIND_BYTE), digest);
}
