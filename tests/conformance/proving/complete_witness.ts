/**
 * The witness of any batch data over any state, found by asking the transition what it misses.
 *
 * Owns that search, so that a test can run batches that no sequencer would make. Does not own the
 * transition.
 * @module
 */
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { assert, isRollupError } from "../../../core/primitives/errors.ts";
import { type Hash32, hash32, hexToBytes, ZERO_ADDRESS } from "../../../core/primitives/hex.ts";
import type { PublicInputs } from "../../../core/proving/public_inputs.ts";
import { runBatch, type TransitionMachine } from "../../../core/proving/state_transition.ts";
import type { BatchWitness } from "../../../core/proving/witness.ts";
import type { StateTree } from "../../../core/tree/mod.ts";
import type { BlockHeader } from "../../../core/types/block.ts";
import {
  flatKey,
  HEADER_COMMITMENT_SLOT,
  SYSTEM_CONTEXT_ADDRESS,
} from "../../../core/types/state.ts";

/** Where a batch starts. */
export interface BatchStart {
  readonly machine: TransitionMachine;
  /** The full state after `parentHeader`. */
  readonly tree: StateTree;
  readonly parentHeader: BlockHeader;
  /** The code of a hash in the state; without it the batches run none. */
  readonly readCode?: (codeHash: Hash32) => Uint8Array;
  /** Everything else of the witness that differs from the defaults below. */
  readonly fields: Pick<BatchWitness, "chainId" | "coinbase"> & Partial<BatchWitness>;
}

/** More reads than any batch of a test makes. */
const MAX_ROUNDS = 1_000;

/** Runs `batchData` with a witness of just what it needs. */
export async function runBatchData(
  start: BatchStart,
  batchData: Uint8Array,
): Promise<{ readonly witness: BatchWitness; readonly found: PublicInputs }> {
  const commitment = { address: SYSTEM_CONTEXT_ADDRESS, slot: HEADER_COMMITMENT_SLOT };
  const keys = [flatKey(commitment)];
  const codes = new Map<string, Uint8Array>();
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const witness: BatchWitness = {
      prover: ZERO_ADDRESS,
      initNumBatch: start.fields.previous === undefined ? 0n : 1n,
      previous: undefined,
      operations: [],
      limitTimestampSec: start.parentHeader.timestampSec + 1_000_000n,
      codes: [...codes].toSorted(([left], [right]) => left < right ? -1 : 1).map(([, code]) =>
        code
      ),
      ...start.fields,
      parentHeader: start.parentHeader,
      batchData,
      tree: start.tree.multiProof(keys),
    };
    try {
      return { witness, found: await runBatch(witness, start.machine) };
    } catch (error) {
      if (!isRollupError(error, "WITNESS_ENTRY_MISSING")) throw error;
      const { key, codeHash } = error.details;
      if (typeof key === "string") keys.push(hexToBytes(key));
      else {
        assert(typeof codeHash === "string" && start.readCode !== undefined, "there is no code");
        const code = start.readCode(hash32(codeHash));
        codes.set(keccak256(code), code);
      }
    }
  }
  throw new Error(`the batch still misses something after ${MAX_ROUNDS} rounds`);
}
