/**
 * Rules of Osaka on transactions in TypeScript, for those who have no program: the embedded L1, and
 * the oracle of the tests.
 *
 * Owns these rules in a fixed order, as pure functions. What holds on the L2 is the program's
 * judgement (`assembly/validity.ts`). Does not own intrinsic gas (`types/tx_gas.ts`), execution,
 * signatures, or the pool's stricter admission rules.
 * @module
 */
import { maxCostWei, type UnsignedTransaction } from "../types/tx.ts";
import {
  floorGas,
  intrinsicGas,
  MAX_INIT_CODE_BYTES,
  minimumGasLimit,
  type PricedMessage,
} from "../types/tx_gas.ts";
import type { InvalidReason } from "./executor.ts";

/** Why a transaction cannot be part of a block; `undefined` stands for a valid one. */
export interface TxInvalidity {
  readonly reason: InvalidReason;
  readonly message: string;
}

/** The sender as the state has it. */
export interface SenderState {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  /** Empty, a delegation (EIP-7702) or a contract's. */
  readonly code: Uint8Array;
}

/** EIP-3529: at most one fifth of the gas used is refunded. */
export const MAX_REFUND_QUOTIENT = 5n;

const MAX_NONCE = (1n << 64n) - 1n;

/** Gas before the first opcode, and the least gas that is charged (EIP-7623). */
export interface IntrinsicGas {
  readonly intrinsicGas: bigint;
  readonly floorGas: bigint;
}

/** The gas that `message` costs whatever it does. */
export function priceMessage(message: PricedMessage): IntrinsicGas {
  return { intrinsicGas: intrinsicGas(message), floorGas: floorGas(message) };
}

/** Rules that hold for transactions and for calls that are run as one. */
export function findMessageInvalidity(
  message: PricedMessage,
  gasLimit: bigint,
): TxInvalidity | undefined {
  if (message.to === undefined && message.data.length > MAX_INIT_CODE_BYTES) {
    return invalid(
      "INIT_CODE_TOO_LARGE",
      `init code has ${message.data.length} of at most ${MAX_INIT_CODE_BYTES} bytes (EIP-3860)`,
    );
  }
  const least = minimumGasLimit(message);
  if (gasLimit < least) {
    return invalid("INTRINSIC_GAS_TOO_LOW", `gas limit ${gasLimit} is below ${least}`);
  }
  return undefined;
}

/** What another state, another base fee or an emptier block can make good. */
export function findStateInvalidity(
  tx: UnsignedTransaction,
  sender: SenderState,
  block: { readonly baseFeePerGasWei: bigint; readonly gasLeft: bigint },
): TxInvalidity | undefined {
  if (sender.code.length > 0 && !isDelegation(sender.code)) {
    return invalid("SENDER_HAS_CODE", "the sender is a contract (EIP-3607)");
  }
  if (tx.nonce < sender.nonce) {
    return invalid("NONCE_TOO_LOW", `nonce ${tx.nonce} is below ${sender.nonce}`);
  }
  // EIP-2681: the last nonce can never be used.
  if (tx.nonce > sender.nonce || tx.nonce >= MAX_NONCE) {
    return invalid("NONCE_TOO_HIGH", `nonce ${tx.nonce} is above ${sender.nonce}`);
  }
  if (tx.maxFeePerGasWei < block.baseFeePerGasWei) {
    return invalid(
      "FEE_BELOW_BASE_FEE",
      `fee cap ${tx.maxFeePerGasWei} wei is below the base fee ${block.baseFeePerGasWei} wei`,
    );
  }
  const costWei = maxCostWei(tx);
  if (sender.balanceWei < costWei) {
    return invalid(
      "INSUFFICIENT_FUNDS",
      `the sender has ${sender.balanceWei} of ${costWei} wei that it may cost`,
    );
  }
  if (tx.gasLimit > block.gasLeft) {
    return invalid(
      "BLOCK_GAS_EXHAUSTED",
      `gas limit ${tx.gasLimit} is above the ${block.gasLeft} that the block has left`,
    );
  }
  return undefined;
}

/** Whether `code` is a delegation designator (EIP-7702): 0xef0100 and an address. */
export function isDelegation(code: Uint8Array): boolean {
  return code.length === 23 && code[0] === 0xef && code[1] === 0x01 && code[2] === 0x00;
}

/** Gas that is charged after refunds and the floor (EIP-3529, EIP-7623). */
export function chargedGas(
  spentGas: bigint,
  refundGas: bigint,
  costs: IntrinsicGas,
): bigint {
  const mostRefund = spentGas / MAX_REFUND_QUOTIENT;
  const refunded = spentGas - (refundGas < mostRefund ? refundGas : mostRefund);
  return refunded < costs.floorGas ? costs.floorGas : refunded;
}

function invalid(reason: InvalidReason, message: string): TxInvalidity {
  return { reason, message };
}
