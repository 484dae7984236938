/**
 * Why a message cannot run on the L2, in geth's words.
 *
 * Owns texts only, which clients match on. Does not own the judgement, which is the program's.
 * @module
 */
import type { Address } from "../core/primitives/hex.ts";
import { LIMITS } from "../core/primitives/limits.ts";
import type { CallRequest, InvalidReason, Refusal } from "../core/vm/executor.ts";
import { MAX_INIT_CODE_BYTES } from "../core/types/tx_gas.ts";
import { priceMessage } from "../core/vm/tx_rules.ts";
import type { Transaction } from "../core/types/tx.ts";
import { checksumAddress } from "./rpc/format.ts";

/** What the words name of a message. */
export interface RefusedMessage {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly data: Uint8Array;
  readonly gasLimit: bigint;
  readonly nonce?: bigint;
  readonly maxFeePerGasWei: bigint;
  readonly maxPriorityFeePerGasWei: bigint;
  readonly accessList: Transaction["accessList"];
  readonly authorizations: Transaction["authorizations"];
}

/** What a text is made of. */
interface Facts extends RefusedMessage {
  /** `address 0x…`. */
  readonly who: string;
  readonly have: bigint;
  readonly need: bigint;
}

const TEXTS: Readonly<Partial<Record<InvalidReason, (facts: Facts) => string>>> = {
  NONCE_TOO_LOW: ({ who, nonce, have }) => `nonce too low: ${who}, tx: ${nonce} state: ${have}`,
  NONCE_TOO_HIGH: ({ who, nonce, have }) => `nonce too high: ${who}, tx: ${nonce} state: ${have}`,
  INSUFFICIENT_FUNDS: ({ who, have, need }) =>
    `insufficient funds for gas * price + value: ${who} have ${have} want ${need}`,
  INTRINSIC_GAS_TOO_LOW: (facts) => {
    const { intrinsicGas } = priceMessage(facts);
    return facts.gasLimit < intrinsicGas
      ? `intrinsic gas too low: have ${facts.gasLimit}, want ${intrinsicGas}`
      : `insufficient gas for floor data gas cost: have ${facts.gasLimit}, want ${facts.need}`;
  },
  GAS_LIMIT_TOO_HIGH: ({ gasLimit }) =>
    `transaction gas limit too high (cap: ${LIMITS.maxTxGas}, tx: ${gasLimit})`,
  BLOCK_GAS_EXHAUSTED: () => "gas limit reached",
  FEE_BELOW_BASE_FEE: ({ who, maxFeePerGasWei, need }) =>
    `max fee per gas less than block base fee: ${who}, maxFeePerGas: ${maxFeePerGasWei}, ` +
    `baseFee: ${need}`,
  SENDER_HAS_CODE: ({ who }) => `sender not an eoa: ${who}`,
  INIT_CODE_TOO_LARGE: ({ data }) =>
    `max initcode size exceeded: code size ${data.length} limit ${MAX_INIT_CODE_BYTES}`,
  INVALID: describeShape,
};

/** `request` as the words name it. */
export function toRefused(request: CallRequest): RefusedMessage {
  const { gasPriceWei, maxFeePerGasWei = gasPriceWei, maxPriorityFeePerGasWei = gasPriceWei } =
    request;
  return { ...request, maxFeePerGasWei, maxPriorityFeePerGasWei };
}

/** Why `message` was refused. */
export function refusalWords(message: RefusedMessage, refusal: Refusal): string {
  const { have = 0n, need = 0n } = refusal.amounts ?? {};
  const who = `address ${checksumAddress(message.from)}`;
  const text = TEXTS[refusal.reason]?.({ ...message, who, have, need }) ?? "";
  return text === "" ? refusal.message : text;
}

/** Empty where geth has no words, as it has no such rule. */
function describeShape(facts: Facts): string {
  const { who, from, to, authorizations, maxFeePerGasWei, maxPriorityFeePerGasWei } = facts;
  if (maxPriorityFeePerGasWei > maxFeePerGasWei) {
    return `max priority fee per gas higher than max fee per gas: ${who}, ` +
      `maxPriorityFeePerGas: ${maxPriorityFeePerGasWei}, maxFeePerGas: ${maxFeePerGasWei}`;
  }
  if (authorizations.length === 0 || to !== undefined) return "";
  return `EIP-7702 transaction cannot be used to create contract (sender ${checksumAddress(from)})`;
}
