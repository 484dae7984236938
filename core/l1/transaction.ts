/**
 * Our transactions to L1.
 *
 * Owns the choice of type 2 (EIP-1559) and of deterministic signing, so that an intent always has
 * the same bytes. Does not own nonces or fees.
 * @module
 */
import { assert } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import {
  decodeTransaction,
  encodeTransaction,
  signTransaction,
  transactionHash,
} from "../types/tx.ts";
import type { FeeOffer } from "./monitored_tx.ts";

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

/** A transaction as it is sent. */
export interface SignedL1Transaction {
  readonly raw: Uint8Array;
  readonly hash: Hash32;
}

/** The signed bytes and their hash; equal fields and key give equal bytes (RFC 6979). */
export function signL1Transaction(
  fields: L1TransactionFields,
  privateKey: Uint8Array,
): SignedL1Transaction {
  const unsigned = { type: 2 as const, accessList: [], authorizations: [], ...fields };
  const raw = encodeTransaction(signTransaction(unsigned, privateKey));
  return { raw, hash: transactionHash(raw) };
}

/** The transaction that `raw` is, with other fees: the same nonce and call, so only one is mined. */
export function withFees(
  raw: Uint8Array,
  fees: FeeOffer,
  privateKey: Uint8Array,
): SignedL1Transaction {
  // The bound of the L2 is not this transaction's: it is as long as L1 takes.
  const { chainId, nonce, to, data, valueWei, gasLimit } = decodeTransaction(raw, raw.length);
  assert(chainId !== undefined, "our transactions are of type 2, which names its chain");
  return signL1Transaction({ chainId, nonce, to, data, valueWei, gasLimit, ...fees }, privateKey);
}
