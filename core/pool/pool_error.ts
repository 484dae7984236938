/**
 * Every refusal of the pool: its code, its message with both numbers, and what to do next.
 *
 * Owns the wording. Does not own the rules (`admission.ts`, `pool.ts`).
 * @module
 */
import { RollupError } from "../primitives/errors.ts";
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { TxErrorCode } from "../types/tx.ts";

/** Codes of rules that the pool itself holds. */
export type PoolRuleCode =
  | "POOL_CHAIN_ID_MISMATCH"
  | "POOL_OVERSIZED_DATA"
  | "POOL_GAS_LIMIT_EXCEEDED"
  | "POOL_INTRINSIC_GAS"
  | "POOL_INIT_CODE_TOO_LARGE"
  | "POOL_TIP_ABOVE_FEE"
  | "POOL_NONCE_TOO_LOW"
  | "POOL_NONCE_TOO_HIGH"
  | "POOL_ALREADY_KNOWN"
  | "POOL_REPLACEMENT_UNDERPRICED"
  | "POOL_FULL"
  | "POOL_FEE_TOO_LOW"
  | "POOL_INSUFFICIENT_FUNDS"
  | "POOL_SENDER_HAS_CODE"
  | "POOL_PUBDATA_GAS"
  | "POOL_SENDER_CENSORED"
  | "TX_EXCEEDS_LIMIT";

/** Codes that the pool's functions throw, those of the codec included. */
export type PoolErrorCode = PoolRuleCode | TxErrorCode;

/** A refusal of this room. */
export type PoolError = RollupError<PoolErrorCode>;

/** The transaction was signed for another chain (EIP-155). */
export function chainIdMismatch(chainId: bigint, expectedChainId: bigint): PoolError {
  return refuse(
    "POOL_CHAIN_ID_MISMATCH",
    `its chain id must be ${expectedChainId}: the transaction is signed for chain ${chainId}`,
    { chainId, expectedChainId },
    `Sign the transaction again with chain id ${expectedChainId}.`,
  );
}

/** The calldata alone is too long. */
export function oversizedData(dataBytes: number, maxDataBytes: number): PoolError {
  return refuse(
    "POOL_OVERSIZED_DATA",
    `its data must have at most ${maxDataBytes} bytes: it has ${dataBytes}`,
    { dataBytes, maxDataBytes },
    `Send at most ${maxDataBytes} bytes of data; split it over several transactions.`,
  );
}

/** Creation code is longer than EIP-3860 allows. */
export function initCodeTooLarge(initCodeBytes: number, maxInitCodeBytes: number): PoolError {
  return refuse(
    "POOL_INIT_CODE_TOO_LARGE",
    `its init code must have at most ${maxInitCodeBytes} bytes (EIP-3860): it has ${initCodeBytes}`,
    { initCodeBytes, maxInitCodeBytes },
    "Make the contract smaller: optimise it or split it over several contracts.",
  );
}

/** Which of the two bounds of a gas limit was passed. */
export type GasLimitName = "blockGasLimit" | "maxTxGas";

/** The gas limit is above the block's or above EIP-7825's. */
export function gasLimitExceeded(
  gasLimit: bigint,
  maxGasLimit: bigint,
  limit: GasLimitName,
): PoolError {
  const what = limit === "maxTxGas" ? "the limit of one transaction (EIP-7825)" : "the block's";
  return refuse(
    "POOL_GAS_LIMIT_EXCEEDED",
    `its gas limit must be at most ${maxGasLimit}, ${what}: it is ${gasLimit}`,
    { gasLimit, maxGasLimit, limit },
    `Set a gas limit of at most ${maxGasLimit}.`,
  );
}

/** The gas limit does not even pay for being a transaction. */
export function intrinsicGasTooLow(
  gasLimit: bigint,
  gas: { readonly intrinsic: bigint; readonly floor: bigint },
): PoolError {
  const needed = gas.intrinsic > gas.floor ? gas.intrinsic : gas.floor;
  const what = gas.intrinsic > gas.floor ? "its intrinsic gas" : "its calldata floor (EIP-7623)";
  return refuse(
    "POOL_INTRINSIC_GAS",
    `its gas limit must be at least ${needed}, ${what}: it is ${gasLimit}`,
    { gasLimit, intrinsicGas: gas.intrinsic, floorGas: gas.floor },
    `Set a gas limit of at least ${needed}; \`eth_estimateGas\` tells what the call needs.`,
  );
}

/** EIP-1559: the tip is part of the fee. */
export function tipAboveFee(maxPriorityFeePerGasWei: bigint, maxFeePerGasWei: bigint): PoolError {
  return refuse(
    "POOL_TIP_ABOVE_FEE",
    `its tip must be at most its fee of ${maxFeePerGasWei} wei per gas: ` +
      `the tip is ${maxPriorityFeePerGasWei}`,
    { maxPriorityFeePerGasWei, maxFeePerGasWei },
    "Lower maxPriorityFeePerGas or raise maxFeePerGas.",
  );
}

/** EIP-3607: accounts with code do not send; 7702 delegations do. */
export function senderHasCode(sender: Address): PoolError {
  return refuse(
    "POOL_SENDER_HAS_CODE",
    `its sender must be an account without code (EIP-3607): ${sender} is a contract`,
    { sender },
    "Send it from an externally owned account.",
  );
}

/** The nonce was used already. */
export function nonceTooLow(sender: Address, nonce: bigint, stateNonce: bigint): PoolError {
  return refuse(
    "POOL_NONCE_TOO_LOW",
    `its nonce must be at least ${stateNonce}, the next of ${sender}: it is ${nonce}`,
    { sender, nonce, stateNonce },
    `Sign the transaction again with nonce ${stateNonce} or a later one.`,
  );
}

/** The nonce is too far ahead to wait for the gap before it. */
export function nonceTooHigh(
  sender: Address,
  nonces: { readonly nonce: bigint; readonly stateNonce: bigint; readonly maxNonce: bigint },
): PoolError {
  return refuse(
    "POOL_NONCE_TOO_HIGH",
    `its nonce must be at most ${nonces.maxNonce}, as the next of ${sender} is ` +
      `${nonces.stateNonce}: it is ${nonces.nonce}`,
    { sender, ...nonces },
    `Send the transactions from nonce ${nonces.stateNonce} on first.`,
  );
}

/** The very same transaction waits already. */
export function alreadyKnown(hash: Hash32): PoolError {
  return refuse(
    "POOL_ALREADY_KNOWN",
    `it must be new: ${hash} is in the pool already`,
    { hash },
    "Wait for the next block; the transaction need not be sent again.",
  );
}

/** Another transaction holds this nonce and the new one does not pay enough more. */
export function replacementUnderpriced(
  replacedHash: Hash32,
  fees: {
    readonly maxFeePerGasWei: bigint;
    readonly maxPriorityFeePerGasWei: bigint;
    readonly neededMaxFeePerGasWei: bigint;
    readonly neededMaxPriorityFeePerGasWei: bigint;
  },
): PoolError {
  return refuse(
    "POOL_REPLACEMENT_UNDERPRICED",
    `a replacement of ${replacedHash} must pay at least ${fees.neededMaxFeePerGasWei} wei per gas ` +
      `with a tip of ${fees.neededMaxPriorityFeePerGasWei}: ` +
      `it pays ${fees.maxFeePerGasWei} with a tip of ${fees.maxPriorityFeePerGasWei}`,
    { replacedHash, ...fees },
    `Raise maxFeePerGas to ${fees.neededMaxFeePerGasWei} and maxPriorityFeePerGas to ` +
      `${fees.neededMaxPriorityFeePerGasWei} (for a gas price, to the higher one), ` +
      "or use the next nonce.",
  );
}

/** No room is left; nothing is evicted. */
export function poolFull(txCount: number, maxTxs: number): PoolError {
  return refuse(
    "POOL_FULL",
    `the pool must have room for it: it holds ${txCount} transactions of at most ${maxTxs}`,
    { txCount, maxTxs },
    "Send it again after the next block, or run `seal-batch` to make one.",
  );
}

/** The fee does not reach the current base fee and least tip. */
export function feeTooLow(
  maxFeePerGasWei: bigint,
  needed: {
    readonly baseFeePerGasWei: bigint;
    readonly minTipWei: bigint;
    readonly tipWei: bigint;
  },
): PoolError {
  const neededFeeWei = needed.baseFeePerGasWei + needed.minTipWei;
  const isTip = maxFeePerGasWei >= neededFeeWei;
  return refuse(
    "POOL_FEE_TOO_LOW",
    isTip
      ? `its tip must be at least ${needed.minTipWei} wei per gas: it is ${needed.tipWei}`
      : `its gas price must be at least ${neededFeeWei} wei, the base fee and the least tip: ` +
        `it is ${maxFeePerGasWei}`,
    { maxFeePerGasWei, ...needed },
    isTip
      ? `Set maxPriorityFeePerGas to at least ${needed.minTipWei} wei.`
      : `Set maxFeePerGas (or the gas price) to at least ${neededFeeWei} wei; ` +
        `the base fee is ${needed.baseFeePerGasWei} wei now.`,
  );
}

/** The sender cannot pay value plus gas at the highest price. */
export function insufficientFunds(
  sender: Address,
  balanceWei: bigint,
  maxCostWei: bigint,
): PoolError {
  return refuse(
    "POOL_INSUFFICIENT_FUNDS",
    `its sender must own ${maxCostWei} wei for gas * price + value: ` +
      `${sender} owns ${balanceWei} wei`,
    { sender, balanceWei, maxCostWei },
    `Fund ${sender} with ${maxCostWei - balanceWei} wei more, or lower value, gas limit or fee.`,
  );
}

/** The transaction alone uses more than a batch may hold. */
export function exceedsLimit(
  excess: { readonly limit: string; readonly used: number; readonly max: number },
): PoolError {
  const { limit, used, max } = excess;
  return refuse(
    "TX_EXCEEDS_LIMIT",
    `one transaction must use at most ${max} of "${limit}", or no batch can hold it: it uses ${used}`,
    { limit, used, max },
    `Split the work over several transactions, or raise "${limit}" of the sequencer.`,
  );
}

/** The gas limit pays for the EVM and not for the pubdata: in a block it would only fail. */
export function pubdataGasTooLow(gasLimit: bigint, gasPerPubdata: bigint): PoolError {
  return refuse(
    "POOL_PUBDATA_GAS",
    `its gas limit must also pay ${gasPerPubdata} gas for each byte of pubdata: it has ${gasLimit}`,
    { gasLimit, gasPerPubdata },
    "Take the limit from eth_estimateGas: a plain transfer needs more than 21000 here. A chain that " +
      "charges nothing for pubdata starts with `--gas-per-pubdata 0`.",
  );
}

/** This sequencer was told not to take transactions of the sender. */
export function senderCensored(sender: Address): PoolError {
  return refuse(
    "POOL_SENDER_CENSORED",
    `this sequencer must take transactions of ${sender}: it was started with --censor`,
    { sender },
    "Put it into the queue on L1 with `force-tx`: past its deadline no sequencer gets around it.",
  );
}

function refuse(
  code: PoolRuleCode,
  condition: string,
  details: Readonly<Record<string, unknown>>,
  mend: string,
): PoolError {
  return new RollupError<PoolErrorCode>(
    code,
    `Cannot admit the transaction as ${condition}`,
    { details, mend },
  );
}
