/**
 * The program's codes in the words of the house.
 *
 * Owns names of exceptions and the reasons and messages of refusals. Does not own the judgement,
 * which is the program's.
 * @module
 */
import { assert } from "../../primitives/errors.ts";
import * as layout from "../assembly/layout.ts";
import type { BlockEnvironment, InvalidReason } from "../executor.ts";
import type { TxInvalidity } from "../tx_rules.ts";
import type { ProgramResult, TxFrame } from "./program.ts";

/** By code; the names are those that JavaScript users know from ethereumjs. */
const EXCEPTION_NAMES: Readonly<Record<number, string>> = {
  [layout.EXCEPTION_REVERT]: "revert",
  [layout.EXCEPTION_OUT_OF_GAS]: "out of gas",
  [layout.EXCEPTION_STACK_UNDERFLOW]: "stack underflow",
  [layout.EXCEPTION_STACK_OVERFLOW]: "stack overflow",
  [layout.EXCEPTION_INVALID_JUMP]: "invalid JUMP",
  [layout.EXCEPTION_INVALID_OPCODE]: "invalid opcode",
  [layout.EXCEPTION_STATIC]: "static state change",
  [layout.EXCEPTION_RETURN_DATA_BOUNDS]: "value out of range",
  [layout.EXCEPTION_CALL_DEPTH]: "call depth exceeded",
  [layout.EXCEPTION_INSUFFICIENT_BALANCE]: "insufficient balance",
  [layout.EXCEPTION_CODE_SIZE]: "code size to deposit exceeds maximum code size",
  [layout.EXCEPTION_CODE_PREFIX]: "invalid bytecode deployed",
  [layout.EXCEPTION_CREATE_COLLISION]: "create collision",
  [layout.EXCEPTION_NONCE_OVERFLOW]: "nonce overflow",
  [layout.EXCEPTION_INIT_CODE_SIZE]: "initcode exceeds max initcode size",
  [layout.EXCEPTION_PRECOMPILE]: "precompile failed",
  [layout.EXCEPTION_CODE_DEPOSIT_GAS]: "out of gas",
  [layout.EXCEPTION_OUT_OF_GAS_FOR_PUBDATA]: "out of gas for pubdata",
  [layout.EXCEPTION_VALUE_OVERFLOW]: "value overflow",
};

/** The name of an exception; `undefined` for success. */
export function exceptionName(exception: number): string | undefined {
  if (exception === layout.EXCEPTION_NONE) return undefined;
  const name = EXCEPTION_NAMES[exception];
  assert(name !== undefined, "every exception of the program has a name");
  return name;
}

type Describe = (
  frame: TxFrame,
  environment: Pick<BlockEnvironment, "chainId" | "baseFeePerGasWei">,
  amounts: { readonly have: bigint; readonly need: bigint },
) => readonly [InvalidReason, string];

/** By code. */
const REFUSALS: Readonly<Record<number, Describe>> = {
  [layout.INVALID_NONCE_TOO_LOW]: ({ nonce }, _, { have }) => [
    "NONCE_TOO_LOW",
    `nonce ${nonce} is below ${have}`,
  ],
  [layout.INVALID_NONCE_TOO_HIGH]: ({ nonce }, _, { have }) => [
    "NONCE_TOO_HIGH",
    `nonce ${nonce} is above ${have}`,
  ],
  [layout.INVALID_INSUFFICIENT_FUNDS]: (_frame, _, { have, need }) => [
    "INSUFFICIENT_FUNDS",
    `the sender has ${have} of ${need} wei that it may cost`,
  ],
  [layout.INVALID_INTRINSIC_GAS]: ({ gasLimit }, _, { need }) => [
    "INTRINSIC_GAS_TOO_LOW",
    `gas limit ${gasLimit} is below ${need}`,
  ],
  [layout.INVALID_GAS_LIMIT_TOO_HIGH]: ({ gasLimit }, _, { need }) => [
    "GAS_LIMIT_TOO_HIGH",
    `gas limit ${gasLimit} is above ${need} (EIP-7825)`,
  ],
  [layout.INVALID_BLOCK_GAS]: ({ gasLimit }, _, { have }) => [
    "BLOCK_GAS_EXHAUSTED",
    `gas limit ${gasLimit} is above the ${have} that the block has left`,
  ],
  [layout.INVALID_FEE_BELOW_BASE_FEE]: ({ maxFeePerGasWei }, { baseFeePerGasWei }) => [
    "FEE_BELOW_BASE_FEE",
    `fee cap ${maxFeePerGasWei} wei is below the base fee ${baseFeePerGasWei} wei`,
  ],
  [layout.INVALID_SENDER_HAS_CODE]: () => [
    "SENDER_HAS_CODE",
    "the sender is a contract (EIP-3607)",
  ],
  [layout.INVALID_CHAIN_ID]: (frame, { chainId }) => [
    "CHAIN_ID_MISMATCH",
    `signed for ${frame.chainId}, not ${chainId}`,
  ],
  [layout.INVALID_INIT_CODE_SIZE]: ({ data }, _, { need }) => [
    "INIT_CODE_TOO_LARGE",
    `init code has ${data.length} of at most ${need} bytes (EIP-3860)`,
  ],
  [layout.INVALID_PRIORITY_FEE]: () => [
    "INVALID",
    "the priority fee is above the fee cap (EIP-1559)",
  ],
  [layout.INVALID_BLOBS]: () => ["INVALID", "its blobs are not acceptable (EIP-4844)"],
  [layout.INVALID_AUTHORIZATIONS]: () => [
    "INVALID",
    "type 4 needs a recipient and authorizations (EIP-7702)",
  ],
  [layout.INVALID_TX_TYPE]: ({ type }) => ["INVALID", `type ${type} is not known here`],
  [layout.INVALID_BALANCE_OVERFLOW]: () => ["INVALID", "a balance would pass 2^256 - 1 wei"],
};

/** Why the program refused `frame`. */
export function describeInvalid(
  result: ProgramResult & { readonly kind: "invalid" },
  frame: TxFrame,
  environment: BlockEnvironment,
): TxInvalidity {
  const describe = REFUSALS[result.reason];
  assert(describe !== undefined, "every refusal of the program has a name");
  const [reason, message] = describe(frame, environment, result);
  return { reason, message };
}

/** What the RPC says when a call could not start. */
export const REFUSAL_NAMES: Readonly<Partial<Record<InvalidReason, string>>> = {
  INTRINSIC_GAS_TOO_LOW: "intrinsic gas too low",
  INIT_CODE_TOO_LARGE: "max initcode size exceeded",
  FEE_BELOW_BASE_FEE: "max fee per gas less than block base fee",
  INSUFFICIENT_FUNDS: "insufficient funds for gas * price + value",
};
