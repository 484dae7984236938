/**
 * Which bytes are a transaction that the embedded L1 may take, before any state is read.
 *
 * Owns L1's own bounds: a transaction may be larger than one of the L2, as it carries whole
 * batches. Rules that need the sender's account are the pool's (`core/pool/pool.ts`), which both
 * layers share. Does not own execution.
 * @module
 */
import type { PoolCandidate } from "../../core/pool/admission.ts";
import {
  floorGas,
  intrinsicGas,
  MAX_INIT_CODE_BYTES,
  minimumGasLimit,
} from "../../core/types/tx_gas.ts";
import {
  chainIdMismatch,
  gasLimitExceeded,
  initCodeTooLarge,
  intrinsicGasTooLow,
  oversizedData,
  tipAboveFee,
} from "../../core/pool/pool_error.ts";
import { concatBytes, EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { LIMITS } from "../../core/primitives/limits.ts";
import { decodeRlp, encodeRlp, rlpBytes, rlpList } from "../../core/primitives/rlp.ts";
import {
  decodeTransaction,
  recoverSender,
  type Transaction,
  transactionHash,
} from "../../core/types/tx.ts";

/** geth's bound of a pooled transaction. */
export const MAX_L1_TX_BYTES = 131_072;

/**
 * Decodes `raw`, checks all that needs no state and recovers the sender.
 *
 * @throws `POOL_OVERSIZED_DATA`, `TX_*`, `POOL_CHAIN_ID_MISMATCH`, `POOL_INIT_CODE_TOO_LARGE`,
 * `POOL_TIP_ABOVE_FEE`, `POOL_GAS_LIMIT_EXCEEDED`, `POOL_INTRINSIC_GAS`.
 */
export function checkL1Transaction(
  raw: Uint8Array,
  chain: { readonly chainId: bigint; readonly blockGasLimit: bigint },
): PoolCandidate {
  if (raw.length > MAX_L1_TX_BYTES) throw oversizedData(raw.length, MAX_L1_TX_BYTES);
  const tx = decodeL1Transaction(raw);
  if (tx.chainId !== undefined && tx.chainId !== chain.chainId) {
    throw chainIdMismatch(tx.chainId, chain.chainId);
  }
  if (tx.to === undefined && tx.data.length > MAX_INIT_CODE_BYTES) {
    throw initCodeTooLarge(tx.data.length, MAX_INIT_CODE_BYTES);
  }
  if (tx.maxPriorityFeePerGasWei > tx.maxFeePerGasWei) {
    throw tipAboveFee(tx.maxPriorityFeePerGasWei, tx.maxFeePerGasWei);
  }
  if (tx.gasLimit > LIMITS.maxTxGas) {
    throw gasLimitExceeded(tx.gasLimit, LIMITS.maxTxGas, "maxTxGas");
  }
  if (tx.gasLimit > chain.blockGasLimit) {
    throw gasLimitExceeded(tx.gasLimit, chain.blockGasLimit, "blockGasLimit");
  }
  if (tx.gasLimit < minimumGasLimit(tx)) {
    throw intrinsicGasTooLow(tx.gasLimit, { intrinsic: intrinsicGas(tx), floor: floorGas(tx) });
  }
  return { hash: transactionHash(raw), raw, tx, sender: recoverSender(tx) };
}

/**
 * The transaction that `raw` encodes, of L1's size.
 *
 * The codec of `core/types/tx.ts` stops at what fits an L2 batch. Larger ones are decoded without
 * their data, which then goes back in: every check of the codec still holds, as the data is a byte
 * string of any content.
 *
 * @throws `TX_MALFORMED`, `TX_TYPE_UNSUPPORTED`, `TX_OVERSIZED`, `RLP_INVALID`.
 */
export function decodeL1Transaction(raw: Uint8Array): Transaction {
  if (raw.length <= LIMITS.maxTxBytes) return decodeTransaction(raw);
  const isLegacy = (raw[0] ?? 0) >= 0xc0;
  const envelope = isLegacy ? EMPTY_BYTES : raw.slice(0, 1);
  const dataIndex = isLegacy ? 5 : raw[0] === 1 ? 6 : 7;
  const fields = rlpList(decodeRlp(raw.subarray(envelope.length)));
  const data = rlpBytes(fields[dataIndex]);
  const small = fields.map((field, index) => index === dataIndex ? EMPTY_BYTES : field);
  return { ...decodeTransaction(concatBytes(envelope, encodeRlp(small))), data };
}
