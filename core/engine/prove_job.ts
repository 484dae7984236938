/**
 * Proving a job that came over the wire, without a node or a data folder.
 *
 * Owns decoding the job and choosing the prover. Does not own fetching jobs or giving proofs back.
 * @module
 */
import { bytesToHex, type Hex, hexToBytes } from "../primitives/hex.ts";
import { decodePublicInputs } from "../proving/public_inputs.ts";
import { PROVERS } from "../proving/registry.ts";
import { createPoseidon2TreeHash } from "../tree/mod.ts";
import { createWasmExecutor } from "../vm/host/wasm_executor.ts";
import type { ProofJobView } from "./engine.ts";

/**
 * The proof for `job`, made from its witness alone.
 *
 * @throws the codes of `Prover.prove`; `HEX_INVALID`, `PUBLIC_INPUTS_INVALID` for a damaged job.
 */
export async function proveJob(job: ProofJobView): Promise<Hex> {
  const machine = { executor: createWasmExecutor(), treeHash: createPoseidon2TreeHash() };
  const proof = await PROVERS.mock.prove({
    batchNumber: BigInt(job.batchNumber),
    witness: hexToBytes(job.witness),
    publicInputs: decodePublicInputs(hexToBytes(job.publicInputs)),
  }, machine);
  return bytesToHex(proof);
}
