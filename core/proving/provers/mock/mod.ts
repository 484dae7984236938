/**
 * The mock prover: re-executes the batch from its witness and vouches for the public inputs.
 *
 * What stays trusted is everything: L1 sees that somebody vouched for exactly these inputs, not
 * that they are true. It is honest all the same: it refuses a batch whose re-execution differs.
 * The proof is 0x00 (the kind) and keccak256("varve/mock/1", public inputs hash), which
 * `MockVerifier.sol` recomputes.
 * @module
 */
import { keccak256Bytes } from "../../../crypto/keccak.ts";
import { concatBytes, equalBytes } from "../../../primitives/bytes.ts";
import { hexToBytes } from "../../../primitives/hex.ts";
import { assertSameInputs } from "../../job.ts";
import type { Prover } from "../../prover.ts";
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
  verify: (publicInputs, proof) => equalBytes(proof, mockProof(publicInputs)),
};

function mockProof(publicInputs: PublicInputs): Uint8Array {
  const digest = keccak256Bytes(concatBytes(DOMAIN, hexToBytes(hashPublicInputs(publicInputs))));
  return concatBytes(Uint8Array.of(KIND_BYTE), digest);
}
