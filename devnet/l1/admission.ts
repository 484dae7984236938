/**
 * What the embedded L1 takes beyond the L2: transactions of geth's size, as a sequence carries up to
 * 120,000 bytes of batch data, and blob transactions.
 *
 * Owns these bounds. Does not own any rule; they are the pool's and the codec's.
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import {
  decodeBlockTransaction,
  decodeTransaction,
  type Transaction,
} from "../../core/types/tx.ts";
import { blobBaseFeeWei } from "./blob_fee.ts";
import type { L1Environment } from "./chain_block.ts";

/** geth's bound of a pooled transaction. */
export const MAX_L1_TX_BYTES = 131_072;
/** EIP-7594: blobs of one transaction. */
const MAX_BLOBS_PER_TX = 6;
/** EIP-4844: the first byte of a versioned hash. */
const BLOB_HASH_PREFIX = "0x01";

/** Codes that this file throws. */
export type L1AdmissionErrorCode =
  | "BLOB_FORK_MISSING"
  | "BLOB_COUNT_INVALID"
  | "BLOB_FEE_TOO_LOW";

/** Bounds for `decodeAndCheck`. */
export const L1_TX_SIZES = {
  maxTxBytes: MAX_L1_TX_BYTES,
  maxTxDataBytes: MAX_L1_TX_BYTES,
  decode: decodeL1Transaction,
} as const;

/** The transaction that `raw`, without blobs, encodes. @throws as `decodeTransaction` */
export function decodeL1Transaction(raw: Uint8Array): Transaction {
  const isBlob = raw[0] === 3 && raw.length <= MAX_L1_TX_BYTES;
  return isBlob ? decodeBlockTransaction(raw) : decodeTransaction(raw, MAX_L1_TX_BYTES);
}

/**
 * Refuses a blob transaction that the next block, of `environment`, could not hold.
 *
 * @throws `BLOB_FORK_MISSING`, `BLOB_COUNT_INVALID`, `BLOB_FEE_TOO_LOW`
 */
export function checkBlobs(tx: Transaction, environment: L1Environment): void {
  if (tx.type !== 3) return;
  const { blobs } = environment.rules;
  const hashes = tx.blobHashes ?? [];
  if (blobs === undefined) {
    throw new RollupError<L1AdmissionErrorCode>(
      "BLOB_FORK_MISSING",
      `Cannot take a blob transaction as the chain must be in Cancun: it is in ${environment.rules.fork}`,
      { mend: "Send a transaction of another type." },
    );
  }
  const maxBlobs = Math.min(MAX_BLOBS_PER_TX, Number(blobs.maxBlobs));
  if (hashes.length > maxBlobs || !hashes.every((hash) => hash.startsWith(BLOB_HASH_PREFIX))) {
    throw new RollupError<L1AdmissionErrorCode>(
      "BLOB_COUNT_INVALID",
      `Cannot take the blob transaction as it must name 1 to ${maxBlobs} blobs by version 1: ` +
        `it names ${hashes.length}`,
      { details: { blobCount: hashes.length, maxBlobs }, mend: "Spread the blobs." },
    );
  }
  const feeWei = blobBaseFeeWei(environment.excessBlobGas ?? 0n, blobs);
  const capWei = tx.maxFeePerBlobGasWei ?? 0n;
  if (capWei >= feeWei) return;
  throw new RollupError<L1AdmissionErrorCode>(
    "BLOB_FEE_TOO_LOW",
    `Cannot take the blob transaction as its blob fee cap must be at least ${feeWei} wei: ` +
      `it is ${capWei} wei`,
    { details: { feeWei, capWei }, mend: `Offer a maxFeePerBlobGas of ${feeWei} wei or more.` },
  );
}
