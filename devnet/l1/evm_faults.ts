/**
 * Why an opcode or a frame fails, in geth's words.
 *
 * Owns what geth checks in which order, where the library says less or checks later; the outcome is
 * the same, all gas of the frame is gone. Does not own telling it (`evm_watch.ts`, `message.ts`).
 * @module
 */
import { EVMError, type Log } from "@ethereumjs/evm";
import type { Common } from "@ethereumjs/common";
import { type Address, address } from "../../core/primitives/hex.ts";
import { assert } from "../../core/primitives/errors.ts";
import { opcodeInfo, OPCODES } from "../opcodes.ts";
import type { PricedState } from "./opcodes.ts";

/** What the library keeps of a frame, as far as it is looked at here. */
export interface LibraryRunState {
  readonly programCounter: number;
  readonly opCode: number;
  readonly memory: { readonly _store: Uint8Array };
  readonly memoryWordCount: bigint;
  readonly stack: {
    readonly length: number;
    readonly _store: readonly bigint[];
    peek(count: number): readonly bigint[];
  };
  readonly gasLeft: bigint;
  readonly gasRefund: bigint;
  readonly messageGasLimit?: bigint;
  readonly returnBytes: Uint8Array;
  readonly env: {
    readonly address: LibraryAddressLike;
    readonly callValue: bigint;
    readonly isStatic: boolean;
    readonly depth: number;
    readonly contract: { readonly balance: bigint; readonly nonce: bigint };
  };
  readonly interpreter: {
    readonly common: Common;
    readonly _result: {
      readonly logs: readonly Log[];
      readonly returnValue?: Uint8Array;
      readonly selfdestruct: ReadonlyMap<string, unknown>;
    };
  };
}

/** What of a frame decides whether an opcode can be paid, and what it does then. */
export interface PricingState
  extends Pick<LibraryRunState, "opCode" | "gasLeft" | "memoryWordCount" | "returnBytes"> {
  readonly stack: Pick<LibraryRunState["stack"], "length" | "peek">;
  readonly env: { readonly isStatic: boolean };
  readonly interpreter: { readonly common: Common };
}

interface LibraryAddressLike {
  readonly bytes: Uint8Array;
  toString(): string;
}

/** A fault, and the error by which the library ends a frame of the same kind. */
export interface EarlyFault {
  readonly text: string;
  readonly thrownAs: keyof typeof EVMError.errorMessages;
}

/** Words on a stack. */
const STACK_LIMIT = 1_024;
/** EIP-2200. */
const SSTORE_SENTRY_GAS = 2_300n;
/** EIP-3860. */
const MAX_INIT_CODE_BYTES = 49_152n;
/** The longest memory whose price geth can work out. */
const MAX_PRICED_MEMORY_BYTES = 0x1fffffffe0n;
/** The last whole word that ends within 64 bits. */
const MAX_WORDED_BYTES = (1n << 64n) - 32n;
/** geth's word for gas that does not suffice. */
export const OUT_OF_GAS = "out of gas";
const RETURNDATACOPY = 0x3e;
const RETURNDATACOPY_GAS = 3n;
const COPY_WORD_GAS = 3n;
const LOG0 = 0xa0;
const LOG4 = 0xa4;
const LOG_TOPIC_GAS = 375n;
const LOG_BYTE_GAS = 8n;
const GAS_OVERFLOW = "gas uint64 overflow";

/** Where opcodes find memory: offset and length of each range, counted from the top of the stack. */
const MEMORY_RANGES: ReadonlyMap<number, readonly (readonly [number, number])[]> = new Map([
  [0x20, [[0, 1]]],
  [0x37, [[0, 2]]],
  [0x39, [[0, 2]]],
  [0x3c, [[1, 3]]],
  [0x3e, [[0, 2]]],
  [0x5e, [[0, 2], [1, 2]]],
  [0xa0, [[0, 1]]],
  [0xa1, [[0, 1]]],
  [0xa2, [[0, 1]]],
  [0xa3, [[0, 1]]],
  [0xa4, [[0, 1]]],
  [OPCODES.create, [[1, 2]]],
  [OPCODES.create2, [[1, 2]]],
  [OPCODES.call, [[3, 4], [5, 6]]],
  [OPCODES.callcode, [[3, 4], [5, 6]]],
  [OPCODES.delegatecall, [[2, 3], [4, 5]]],
  [OPCODES.staticcall, [[2, 3], [4, 5]]],
  [OPCODES.return, [[0, 1]]],
  [OPCODES.revert, [[0, 1]]],
]);

/** Opcodes that touch memory of a fixed length at the offset on top of the stack. */
const FIXED_RANGES: ReadonlyMap<number, bigint> = new Map([[0x51, 32n], [0x52, 32n], [0x53, 1n]]);

/** From Berlin on geth charges this for a look at an account before it knows whether it is cold. */
const ACCOUNT_ACCESS_GAS = 100n;
const ACCOUNT_ACCESSES: ReadonlySet<number> = new Set([
  ...[0x31, 0x3b, 0x3c, 0x3f],
  ...[OPCODES.call, OPCODES.callcode, OPCODES.delegatecall, OPCODES.staticcall],
]);
const EXP = 0x0a;

/** The fixed part of the price of `op` in geth; the library's is `fee`. */
export function fixedGas(op: number, fee: bigint, common: Common): bigint {
  if (op === EXP || (op >= LOG0 && op <= LOG4)) return 0n;
  return common.isActivatedEIP(2929) && ACCOUNT_ACCESSES.has(op) ? ACCOUNT_ACCESS_GAS : fee;
}

/** What geth finds before the price of `op` is known; `fee` is its fixed part. */
export function faultBeforeGas(
  runState: PricingState,
  op: number,
  fee: bigint,
): EarlyFault | undefined {
  const { stack, gasLeft } = runState;
  const { pops, pushes } = opcodeInfo(op);
  if (stack.length < pops) {
    return {
      text: `stack underflow (${stack.length} <=> ${pops})`,
      thrownAs: "STACK_UNDERFLOW",
    };
  }
  const most = STACK_LIMIT + pops - pushes;
  if (stack.length > most) {
    return {
      text: `stack limit reached ${stack.length} (${most})`,
      thrownAs: "STACK_OVERFLOW",
    };
  }
  if (fee > gasLeft) return { text: OUT_OF_GAS, thrownAs: "OUT_OF_GAS" };
  const reason = findGasReason(runState, op);
  return reason === undefined
    ? undefined
    : { text: `${OUT_OF_GAS}: ${reason.text}`, thrownAs: reason.thrownAs };
}

/** What geth's pricing refuses; it calls each of these "out of gas", and adds why. */
function findGasReason(runState: PricingState, op: number): EarlyFault | undefined {
  const { stack, gasLeft, env, interpreter: { common } } = runState;
  const isCreation = op === OPCODES.create || op === OPCODES.create2;
  const isWrite = isCreation || op === OPCODES.sstore || op === OPCODES.selfdestruct ||
    (op === OPCODES.call && stack.peek(3)[2] !== 0n);
  if (env.isStatic && isWrite) {
    return { text: "write protection", thrownAs: "STATIC_STATE_CHANGE" };
  }
  if (
    op === OPCODES.sstore && common.gteHardfork("istanbul") && gasLeft <= SSTORE_SENTRY_GAS
  ) {
    return { text: "not enough gas for reentrancy sentry", thrownAs: "OUT_OF_GAS" };
  }
  if (!isCreation || !common.isActivatedEIP(3860)) return undefined;
  const sizeBytes = stack.peek(3)[2] ?? 0n;
  if (sizeBytes <= MAX_INIT_CODE_BYTES || memoryEnd(runState, op) > MAX_PRICED_MEMORY_BYTES) {
    return undefined;
  }
  return {
    text: `max initcode size exceeded: code size ${sizeBytes} limit ${MAX_INIT_CODE_BYTES}`,
    thrownAs: "INITCODE_SIZE_VIOLATION",
  };
}

/** Why the price of `op` could not be worked out, or paid. */
export function faultOfGas(runState: PricingState, op: number): string {
  const end = memoryEnd(runState, op);
  if (end > MAX_WORDED_BYTES) return GAS_OVERFLOW;
  return end > MAX_PRICED_MEMORY_BYTES ? `${OUT_OF_GAS}: ${GAS_OVERFLOW}` : OUT_OF_GAS;
}

/** A failure that geth finds when an opcode runs, its price paid. */
export interface LateFault extends EarlyFault {
  readonly cost: bigint;
}

/**
 * A RETURNDATACOPY of more than there is, or a LOG in a static call, that can be paid: the library
 * refuses both before their price is known.
 */
export function faultAfterGas(
  runState: PricingState,
  op: number,
  fee: bigint,
): LateFault | undefined {
  const { stack, env, returnBytes, gasLeft, memoryWordCount } = runState;
  const isLog = op >= LOG0 && op <= LOG4;
  if (op !== RETURNDATACOPY && !(isLog && env.isStatic)) return undefined;
  const end = memoryEnd(runState, op);
  if (end > MAX_PRICED_MEMORY_BYTES) return undefined;
  const words = (end + 31n) / 32n;
  const growthGas = words > memoryWordCount ? memoryGas(words) - memoryGas(memoryWordCount) : 0n;
  if (isLog) {
    const [, length = 0n] = stack.peek(2);
    const cost = fee + LOG_TOPIC_GAS * BigInt(op - LOG0) + LOG_BYTE_GAS * length + growthGas;
    if (cost > gasLeft) return undefined;
    return { cost, text: "write protection", thrownAs: "STATIC_STATE_CHANGE" };
  }
  const [, offset = 0n, length = 0n] = stack.peek(3);
  const cost = fee + COPY_WORD_GAS * ((length + 31n) / 32n) + growthGas;
  if (offset + length <= BigInt(returnBytes.length) || cost > gasLeft) return undefined;
  return { cost, text: "return data out of bounds", thrownAs: "OUT_OF_GAS" };
}

/** Failures for which geth looks at stack, memory and operands before or while it prices an opcode. */
const PRICE_FAULTS: ReadonlySet<string> = new Set([
  EVMError.errorMessages.OUT_OF_GAS,
  EVMError.errorMessages.STACK_UNDERFLOW,
  EVMError.errorMessages.STACK_OVERFLOW,
  EVMError.errorMessages.INITCODE_SIZE_VIOLATION,
]);

/** A frame as it ended, with what it had before its last opcode. */
export type EndState = Omit<PricingState, "interpreter"> & PricedState;

/** Why a frame that ran code failed, of which nobody was told while it ran. */
export function faultOfEnd(
  thrownAs: string,
  end: EndState,
  { isCreate, common }: { readonly isCreate: boolean; readonly common: Common },
): string {
  const { opCode: op } = end;
  if (thrownAs === EVMError.errorMessages.INVALID_OPCODE) {
    return `invalid opcode: ${opcodeInfo(op).name}`;
  }
  // The library adds where it was.
  if (thrownAs.startsWith("invalid JUMP")) return "invalid jump destination";
  if (!PRICE_FAULTS.has(thrownAs)) return FRAME_FAULTS.get(thrownAs) ?? thrownAs;
  // Code that has come to its end could not pay for what it is to leave behind.
  const returned: unknown = Reflect.get(end, "returnValue");
  if (isCreate && returned instanceof Uint8Array && returned.length > 0) return CODE_STORE;
  const before = beforeLastOpcode(thrownAs, { ...end, interpreter: { common } });
  const early = faultBeforeGas(before, op, fixedGas(op, end.pricedFee ?? 0n, common));
  if (early !== undefined) return early.text;
  const late = op === RETURNDATACOPY ? faultAfterGas(before, op, RETURNDATACOPY_GAS) : undefined;
  return late?.text ?? faultOfGas(before, op);
}

/** The library sets the gas to 0 when it is too little, and takes a creation's operands first. */
function beforeLastOpcode(thrownAs: string, end: PricingState & PricedState): PricingState {
  const { stack, opCode, pricedGas: gasLeft = end.gasLeft } = end;
  if (thrownAs !== EVMError.errorMessages.INITCODE_SIZE_VIOLATION) return { ...end, gasLeft };
  const length = stack.length + opcodeInfo(opCode).pops;
  // What was taken is still in its place.
  const words: unknown = Reflect.get(stack, "_store");
  assert(Array.isArray(words), "the library's stack is an array");
  const peek = (count: number): bigint[] => words.slice(length - count, length).toReversed();
  return { ...end, gasLeft, stack: { length, peek } };
}

function memoryGas(words: bigint): bigint {
  return 3n * words + words * words / 512n;
}

/** First byte after all memory that `op` touches. */
function memoryEnd({ stack }: Pick<PricingState, "stack">, op: number): bigint {
  const ranges = MEMORY_RANGES.get(op) ?? [];
  const words = stack.peek(opcodeInfo(op).pops);
  const fixedLength = FIXED_RANGES.get(op);
  let end = fixedLength === undefined ? 0n : (words[0] ?? 0n) + fixedLength;
  for (const [offsetIndex, lengthIndex] of ranges) {
    const length = words[lengthIndex] ?? 0n;
    const rangeEnd = length === 0n ? 0n : (words[offsetIndex] ?? 0n) + length;
    if (rangeEnd > end) end = rangeEnd;
  }
  return end;
}

/** Why `op` failed while it ran. */
export function faultOfOpcode(thrownAs: string, op: number): string {
  if (op === OPCODES.jump || op === OPCODES.jumpi) return "invalid jump destination";
  return FRAME_FAULTS.get(thrownAs) ?? thrownAs;
}

/** Why a frame failed whose opcodes did not. */
export function faultOfFrame(
  thrownAs: string,
  frame: PrecompileFrame & { readonly isCreate: boolean; readonly runState: unknown },
): string {
  // Code that ran to its end and has no gas left could not pay for what it is to leave behind.
  if (thrownAs === OUT_OF_GAS && frame.isCreate && frame.runState !== undefined) {
    return CODE_STORE;
  }
  const precompileFault = frame.runState === undefined
    ? faultOfPrecompile(thrownAs, frame)
    : undefined;
  return precompileFault ?? FRAME_FAULTS.get(thrownAs) ?? thrownAs;
}

/** A frame that a precompile ran. */
export interface PrecompileFrame {
  readonly to: Address | undefined;
  readonly inputSizeBytes: number;
  readonly gasLimit: bigint;
}

/** What a precompile, at `to`, finds wrong with its input; `undefined` where nothing ran code. */
function faultOfPrecompile(
  thrownAs: string,
  { to, inputSizeBytes, gasLimit }: PrecompileFrame,
): string | undefined {
  if (to === undefined || !to.startsWith(PRECOMPILE_PREFIX)) return undefined;
  if (thrownAs === EVMError.errorMessages.OUT_OF_RANGE) {
    // The library says so of BLAKE2F alone, whatever is wrong.
    return inputSizeBytes === BLAKE2F_BYTES ? "invalid final flag" : "invalid input length";
  }
  if (to === BN254_PAIRING && thrownAs === EVMError.errorMessages.INVALID_INPUT_LENGTH) {
    // The library looks at the size first, geth at the gas.
    const pairCount = BigInt(Math.floor(inputSizeBytes / PAIR_BYTES));
    const gas = PAIRING_GAS + PAIR_GAS * pairCount;
    return gasLimit < gas ? OUT_OF_GAS : "bad elliptic curve pairing size";
  }
  return PRECOMPILE_FAULTS.get(thrownAs);
}

const PRECOMPILE_PREFIX = `0x${"00".repeat(18)}`;
/** EIP-197: a point of each group. */
const PAIR_BYTES = 192;
/** EIP-1108. */
const PAIRING_GAS = 45_000n;
const PAIR_GAS = 34_000n;
const BN254_PAIRING = address(`${PRECOMPILE_PREFIX}0008`);
/** geth's words; the library calls a point beside its curve a revert. */
const PRECOMPILE_FAULTS: ReadonlyMap<string, string> = new Map([
  [EVMError.errorMessages.REVERT, "point is not on curve"],
  [EVMError.errorMessages.BN254_FP_NOT_IN_FIELD, "invalid fp.Element encoding"],
  [EVMError.errorMessages.BLS_12_381_POINT_NOT_ON_CURVE, "invalid point: not on curve"],
  [EVMError.errorMessages.INVALID_COMMITMENT, "mismatched versioned hash"],
  [EVMError.errorMessages.INVALID_PROOF, "error verifying kzg proof"],
  [EVMError.errorMessages.INVALID_INPUTS, "error verifying kzg proof"],
]);

const BLAKE2F_BYTES = 213;
const CODE_STORE = "contract creation code storage out of gas";

const FRAME_FAULTS: ReadonlyMap<string, string> = new Map([
  [EVMError.errorMessages.REVERT, "execution reverted"],
  [EVMError.errorMessages.CODESTORE_OUT_OF_GAS, CODE_STORE],
  [EVMError.errorMessages.CODESIZE_EXCEEDS_MAXIMUM, "max code size exceeded"],
  [EVMError.errorMessages.INVALID_BYTECODE_RESULT, "invalid code: must not begin with 0xef"],
  [EVMError.errorMessages.CREATE_COLLISION, "contract address collision"],
  [EVMError.errorMessages.INSUFFICIENT_BALANCE, "insufficient balance for transfer"],
  [EVMError.errorMessages.INITCODE_SIZE_VIOLATION, "max initcode size exceeded"],
  [EVMError.errorMessages.STATIC_STATE_CHANGE, "write protection"],
]);
