/**
 * What the embedded L1 takes beyond the L2: transactions of geth's size, as a sequence carries up to
 * 120,000 bytes of batch data.
 *
 * Owns the bound. Does not own any rule; they are the pool's and the codec's.
 * @module
 */
import { decodeTransaction, type Transaction } from "../../core/types/tx.ts";

/** geth's bound of a pooled transaction. */
export const MAX_L1_TX_BYTES = 131_072;

/** Bounds for `decodeAndCheck`. */
export const L1_TX_SIZES = {
  maxTxBytes: MAX_L1_TX_BYTES,
  maxTxDataBytes: MAX_L1_TX_BYTES,
} as const;

/** The transaction that `raw` encodes, of L1's size. @throws as `decodeTransaction` */
export function decodeL1Transaction(raw: Uint8Array): Transaction {
  return decodeTransaction(raw, MAX_L1_TX_BYTES);
}
