/**
 * The witness of any batch data over any state, found by asking the transition what it misses.
 *
 * Owns that search, so that a test can run batches that no sequencer would make. Does not own the
 * transition.
 * @module
 */
import { EMPTY_L1_TO_L2_ROLLING_HASH } from "../../../core/batching/acc_input_hash.ts";
import { keccak256 } from "../../../core/crypto/keccak.ts";
import { assert, isRollupError } from "../../../core/primitives/errors.ts";
import { hexToBytes, ZERO_ADDRESS } from "../../../core/primitives/hex.ts";
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
  /** Everything else of the witness that differs from the defaults below. */
  readonly fields:
    & Pick<BatchWitness, "chainId" | "coinbase" | "oldAccInputHash">
    & Partial<BatchWitness>;
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
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const witness: BatchWitness = {
      prover: ZERO_ADDRESS,
      initNumBatch: 0n,
      l1ToL2RollingHash: EMPTY_L1_TO_L2_ROLLING_HASH,
      limitTimestampSec: start.parentHeader.timestampSec + 1_000_000n,
      codes: [],
      ...start.fields,
      parentHeader: start.parentHeader,
      batchData,
      tree: start.tree.multiProof(keys),
    };
    try {
      return { witness, found: await runBatch(witness, start.machine) };
    } catch (error) {
      if (!isRollupError(error, "WITNESS_ENTRY_MISSING")) throw error;
      const { key } = error.details;
      assert(typeof key === "string", `these batches run no code: ${keccak256(batchData)}`);
      keys.push(hexToBytes(key));
    }
  }
  throw new Error(`the batch still misses something after ${MAX_ROUNDS} rounds`);
}
