/**
 * Accounts and slots as Ethereum's tries have them, with and without proofs.
 *
 * Owns the shapes. Does not own the tries (the L1's) or their JSON (`methods/eth/eth_get_proof.ts`).
 * @module
 */
import type { Address, Hash32 } from "../../core/primitives/hex.ts";

/** A slot and its way down to the storage root. */
export interface StorageProof {
  readonly slot: Hash32;
  readonly value: Hash32;
  /** Nodes from the root on, as RLP. */
  readonly nodes: readonly Uint8Array[];
}

/** An account and its way down to the state root (EIP-1186). */
export interface AccountProof {
  readonly balanceWei: bigint;
  readonly nonce: bigint;
  /** Zero for an account that is not there, as is `storageHash`. */
  readonly codeHash: Hash32;
  readonly storageHash: Hash32;
  /** Nodes from the root on, as RLP. */
  readonly nodes: readonly Uint8Array[];
  readonly storage: readonly StorageProof[];
}

/** A chain whose state root is that of Ethereum's tries. */
export interface ChainProofs {
  /** By the header's root: what was decreed after the block is not in it. */
  prove(account: Address, slots: readonly Hash32[], number: bigint): Promise<AccountProof>;
  /** What readers of the block see, with what was decreed after it. */
  account(account: Address, number: bigint): Promise<TrieAccount>;
}

/** An account as its leaf has it; hashes are zero for one that is not there. */
export type TrieAccount = Pick<AccountProof, "nonce" | "balanceWei" | "codeHash" | "storageHash">;
