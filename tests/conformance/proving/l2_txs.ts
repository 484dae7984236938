/**
 * Transactions of the dev accounts on the L2, and what runs them without a node.
 *
 * Owns fixtures only.
 * @module
 */
import type { Address } from "../../../core/primitives/hex.ts";
import type { TransitionMachine } from "../../../core/proving/state_transition.ts";
import { createPoseidon2TreeHash } from "../../../core/tree/mod.ts";
import {
  createdAddress as addressOfCreation,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";
import { createWasmExecutor } from "../../../core/vm/host/wasm_executor.ts";
import { L2_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { devAccount, signedBy } from "../l1/testing.ts";

/** One machine for all runs of a test. */
export function createMachine(): TransitionMachine {
  return { executor: createWasmExecutor(), treeHash: createPoseidon2TreeHash() };
}

/** Signed bytes of dev account `index` on the L2. */
export function l2Tx(
  index: number,
  fields: Partial<UnsignedTransaction> & { readonly nonce: bigint },
): Uint8Array {
  return signedBy(devAccount(index), { chainId: L2_CHAIN_ID, gasLimit: 200_000n, ...fields });
}

/** Where dev account `index` creates with `nonce`. */
export function createdAddress(index: number, nonce: bigint): Address {
  return addressOfCreation(devAccount(index).address, nonce);
}
