/**
 * Our transactions to L1.
 *
 * Owns the choice of type 2 (EIP-1559) and of deterministic signing, so that an intent always has
 * the same bytes. Does not own nonces or fees.
 * @module
 */
import type { Address, Hash32 } from "../primitives/hex.ts";
import { encodeTransaction, signTransaction, transactionHash } from "../types/tx.ts";

/** What a transaction to L1 says. */
export interface L1TransactionFields {
  readonly chainId: bigint;
  readonly nonce: bigint;
  /** `undefined` creates a contract. */
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly valueWei: bigint;
  readonly gasLimit: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
}

/** The signed bytes and their hash; equal fields and key give equal bytes (RFC 6979). */
export function signL1Transaction(
  fields: L1TransactionFields,
  privateKey: Uint8Array,
): { readonly raw: Uint8Array; readonly hash: Hash32 } {
  const unsigned = { type: 2 as const, accessList: [], authorizations: [], ...fields };
  const raw = encodeTransaction(signTransaction(unsigned, privateKey));
  return { raw, hash: transactionHash(raw) };
}
