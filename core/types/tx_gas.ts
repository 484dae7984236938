/**
 * What a transaction costs before its first opcode runs, by the gas rules of Osaka.
 *
 * Owns the two sums that a gas limit must reach, for the pool and the program alike. Does not own
 * the refusal of a limit that is too low, or what execution adds.
 * @module
 */
import type { UnsignedTransaction } from "./tx.ts";

/** Longest init code of a creation (EIP-3860): twice the longest deployed code of EIP-170. */
export const MAX_INIT_CODE_BYTES = 49_152;

/** What these costs depend on. */
export type PricedMessage = Pick<
  UnsignedTransaction,
  "to" | "data" | "accessList" | "authorizations"
>;

const TX_BASE_GAS = 21_000n;
const CREATION_GAS = 32_000n;
/** EIP-3860: per started word of init code. */
const INIT_CODE_WORD_GAS = 2n;
const ZERO_BYTE_GAS = 4n;
/** EIP-2028. */
const NONZERO_BYTE_GAS = 16n;
/** EIP-7623: the floor per token; a zero byte is one token, any other byte four. */
const FLOOR_TOKEN_GAS = 10n;
const TOKENS_PER_NONZERO_BYTE = 4n;
/** EIP-2930. */
const ACCESS_LIST_ADDRESS_GAS = 2_400n;
const ACCESS_LIST_STORAGE_KEY_GAS = 1_900n;
/** EIP-7702's `PER_EMPTY_ACCOUNT_COST`: charged up front, partly refunded for existing accounts. */
const AUTHORIZATION_GAS = 25_000n;

/**
 * Gas that `tx` uses before execution: base, calldata, creation (EIP-3860), access list (EIP-2930)
 * and authorizations (EIP-7702).
 */
export function intrinsicGas(tx: PricedMessage): bigint {
  const { zeroCount, nonzeroCount } = countBytes(tx.data);
  let gas = TX_BASE_GAS + ZERO_BYTE_GAS * zeroCount + NONZERO_BYTE_GAS * nonzeroCount;
  if (tx.to === undefined) {
    gas += CREATION_GAS + INIT_CODE_WORD_GAS * BigInt(Math.ceil(tx.data.length / 32));
  }
  for (const entry of tx.accessList) {
    gas += ACCESS_LIST_ADDRESS_GAS;
    gas += ACCESS_LIST_STORAGE_KEY_GAS * BigInt(entry.storageKeys.length);
  }
  return gas + AUTHORIZATION_GAS * BigInt(tx.authorizations.length);
}

/** The least gas that `tx` pays for its calldata whatever it executes (EIP-7623). */
export function floorGas(tx: PricedMessage): bigint {
  const { zeroCount, nonzeroCount } = countBytes(tx.data);
  return TX_BASE_GAS + FLOOR_TOKEN_GAS * (zeroCount + TOKENS_PER_NONZERO_BYTE * nonzeroCount);
}

/** The lowest gas limit with which `tx` is valid: the larger of both sums. */
export function minimumGasLimit(tx: PricedMessage): bigint {
  const intrinsic = intrinsicGas(tx);
  const floor = floorGas(tx);
  return intrinsic > floor ? intrinsic : floor;
}

function countBytes(data: Uint8Array): { zeroCount: bigint; nonzeroCount: bigint } {
  let zeros = 0;
  for (const byte of data) if (byte === 0) zeros++;
  return { zeroCount: BigInt(zeros), nonzeroCount: BigInt(data.length - zeros) };
}
