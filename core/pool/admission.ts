/**
 * Stateless admission: what the bytes of a transaction must be before any state is read.
 *
 * Owns the rules that depend on the chain's configuration alone. Does not own rules that need the
 * sender's account or the other pooled transactions (`pool.ts`).
 * @module
 */
import type { Address, Hash32 } from "../primitives/hex.ts";
import { LIMITS } from "../primitives/limits.ts";
import {
  decodeTransaction,
  recoverSender,
  type Transaction,
  transactionHash,
} from "../types/tx.ts";
import { floorGas, intrinsicGas, MAX_INIT_CODE_BYTES } from "../types/tx_gas.ts";
import {
  chainIdMismatch,
  gasLimitExceeded,
  initCodeTooLarge,
  intrinsicGasTooLow,
  oversizedData,
  tipAboveFee,
} from "./pool_error.ts";

/** What the pool must know of the chain. */
export interface PoolContext {
  readonly chainId: bigint;
  /** Base fee that the next block will have. */
  readonly baseFeePerGasWei: bigint;
  readonly blockGasLimit: bigint;
  /** The least effective tip; 0 when absent. */
  readonly minTipWei?: bigint;
}

/** Bounds on the size of a transaction. */
export interface TxSizeLimits {
  readonly maxTxBytes: number;
  readonly maxTxDataBytes: number;
  /** How bytes are read, where it is not `decodeTransaction`: L1 takes more types. */
  readonly decode?: (raw: Uint8Array, maxBytes: number) => Transaction;
}

/** A transaction that passed the stateless rules and whose sender is still to be recovered. */
export interface UnrecoveredCandidate {
  readonly hash: Hash32;
  /** The EIP-2718 bytes as they were sent. */
  readonly raw: Uint8Array;
  readonly tx: Transaction;
}

/** A transaction that passed the stateless rules. */
export interface PoolCandidate extends UnrecoveredCandidate {
  readonly sender: Address;
}

/**
 * Decodes `raw` and checks all that needs no state.
 *
 * Cheap rules come first; recovering the sender is the one slow step and comes last, so junk costs
 * little. Transactions from before EIP-155 (no chain id) are accepted, as Polygon's pool does.
 *
 * @throws `TX_OVERSIZED`, `TX_TYPE_UNSUPPORTED`, `TX_MALFORMED`, `POOL_CHAIN_ID_MISMATCH`,
 * `POOL_OVERSIZED_DATA`, `POOL_INIT_CODE_TOO_LARGE`, `POOL_TIP_ABOVE_FEE`,
 * `POOL_GAS_LIMIT_EXCEEDED`, `POOL_INTRINSIC_GAS`, `TX_SIGNATURE_INVALID`, in this order.
 */
export function decodeAndCheck(
  raw: Uint8Array,
  context: Pick<PoolContext, "chainId" | "blockGasLimit"> & {
    /** Who sends it, where that is not who has signed it. */
    readonly sender?: Address;
  },
  sizes: TxSizeLimits = LIMITS,
): PoolCandidate {
  const candidate = checkUnrecovered(raw, context, sizes);
  return { ...candidate, sender: context.sender ?? recoverSender(candidate.tx) };
}

/** {@linkcode decodeAndCheck} but for its last step. */
export function checkUnrecovered(
  raw: Uint8Array,
  context: Pick<PoolContext, "chainId" | "blockGasLimit">,
  sizes: TxSizeLimits = LIMITS,
): UnrecoveredCandidate {
  const tx = (sizes.decode ?? decodeTransaction)(raw, sizes.maxTxBytes);
  if (tx.chainId !== undefined && tx.chainId !== context.chainId) {
    throw chainIdMismatch(tx.chainId, context.chainId);
  }
  checkData(tx, sizes.maxTxDataBytes);
  if (tx.maxPriorityFeePerGasWei > tx.maxFeePerGasWei) {
    throw tipAboveFee(tx.maxPriorityFeePerGasWei, tx.maxFeePerGasWei);
  }
  checkGasLimit(tx, context.blockGasLimit);
  return { hash: transactionHash(raw), raw, tx };
}

function checkData(tx: Transaction, maxTxDataBytes: number): void {
  if (tx.data.length > maxTxDataBytes) {
    throw oversizedData(tx.data.length, maxTxDataBytes);
  }
  if (tx.to === undefined && tx.data.length > MAX_INIT_CODE_BYTES) {
    throw initCodeTooLarge(tx.data.length, MAX_INIT_CODE_BYTES);
  }
}

function checkGasLimit(tx: Transaction, blockGasLimit: bigint): void {
  if (tx.gasLimit > blockGasLimit) {
    throw gasLimitExceeded(tx.gasLimit, blockGasLimit, "blockGasLimit");
  }
  if (tx.gasLimit > LIMITS.maxTxGas) {
    throw gasLimitExceeded(tx.gasLimit, LIMITS.maxTxGas, "maxTxGas");
  }
  const gas = { intrinsic: intrinsicGas(tx), floor: floorGas(tx) };
  if (tx.gasLimit < gas.intrinsic || tx.gasLimit < gas.floor) {
    throw intrinsicGasTooLow(tx.gasLimit, gas);
  }
}
