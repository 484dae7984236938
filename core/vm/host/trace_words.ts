/**
 * Failures in geth's words, and what an opcode that failed would have cost.
 *
 * Owns texts and prices of failing steps only: those of steps that run come from the program. Does
 * not own when something fails.
 * @module
 */
import * as layout from "../assembly/layout.ts";
import type { StackView } from "../trace.ts";

const OUT_OF_GAS = "out of gas";
const OVERFLOW = "gas uint64 overflow";
const STACK_LIMIT = 1024;
/** The last whole word that ends within 64 bits. */
const MAX_WORDED_BYTES = (1n << 64n) - 32n;
/** geth: the longest memory whose price fits 64 bits. */
const MAX_MEMORY_BYTES = 0x1fffffffe0n;
/** EIP-2200: SSTORE asks for more gas than this. */
const SSTORE_SENTRY = 2_300n;
const MAX_INIT_CODE_BYTES = 49_152n;

/** By EXCEPTION_…; those of opcodes are worded with their step. */
const WORDS: Readonly<Record<number, string>> = {
  [layout.EXCEPTION_REVERT]: "execution reverted",
  [layout.EXCEPTION_OUT_OF_GAS]: OUT_OF_GAS,
  [layout.EXCEPTION_STACK_UNDERFLOW]: "stack underflow",
  [layout.EXCEPTION_STACK_OVERFLOW]: "stack limit reached",
  [layout.EXCEPTION_INVALID_JUMP]: "invalid jump destination",
  [layout.EXCEPTION_INVALID_OPCODE]: "invalid opcode",
  [layout.EXCEPTION_STATIC]: "write protection",
  [layout.EXCEPTION_RETURN_DATA_BOUNDS]: "return data out of bounds",
  [layout.EXCEPTION_CALL_DEPTH]: "max call depth exceeded",
  [layout.EXCEPTION_INSUFFICIENT_BALANCE]: "insufficient balance for transfer",
  [layout.EXCEPTION_CODE_SIZE]: "max code size exceeded",
  [layout.EXCEPTION_CODE_PREFIX]: "invalid code: must not begin with 0xef",
  [layout.EXCEPTION_CREATE_COLLISION]: "contract address collision",
  [layout.EXCEPTION_NONCE_OVERFLOW]: "nonce uint64 overflow",
  [layout.EXCEPTION_INIT_CODE_SIZE]: "max initcode size exceeded",
  [layout.EXCEPTION_CODE_DEPOSIT_GAS]: "contract creation code storage out of gas",
  [layout.EXCEPTION_OUT_OF_GAS_FOR_PUBDATA]: "out of gas for pubdata",
  [layout.EXCEPTION_VALUE_OVERFLOW]: "value overflow",
};

/** The words of an exception; `undefined` for success. */
export function exceptionWords(exception: number): string | undefined {
  if (exception === layout.EXCEPTION_NONE) return undefined;
  return WORDS[exception] ?? "execution failed";
}

/** An opcode that failed. */
export interface FailedStep {
  readonly op: number;
  readonly gas: bigint;
  readonly stack: StackView;
  readonly memorySizeBytes: number;
  readonly exception: number;
}

/** Why it failed, as geth would say. */
export function describeFault(step: FailedStep): Fault {
  const { op, gas, exception, stack } = step;
  const cost = constantPrice(op);
  switch (exception) {
    case layout.EXCEPTION_STACK_UNDERFLOW:
      return {
        error: `stack underflow (${stack.length} <=> ${stackNeeds(op)})`,
        cost,
        hasRun: false,
      };
    case layout.EXCEPTION_STACK_OVERFLOW:
      return {
        error: `stack limit reached ${stack.length} (${STACK_LIMIT - 1})`,
        cost,
        hasRun: false,
      };
    case layout.EXCEPTION_INVALID_OPCODE: {
      const name = INVALID_NAMES[op] ?? `opcode 0x${op.toString(16)} not defined`;
      return { error: `invalid opcode: ${name}`, cost: 0n, hasRun: true };
    }
    case layout.EXCEPTION_INIT_CODE_SIZE:
      return { error: initCodeWords(stack.peek(2)), cost, hasRun: false };
    case layout.EXCEPTION_STATIC:
      if (gas < cost) return { error: OUT_OF_GAS, cost, hasRun: false };
      // geth finds these out while it prices them.
      if (PRICED_AS_WRITES.has(op)) {
        return { error: `${OUT_OF_GAS}: ${exceptionWords(exception)}`, cost, hasRun: false };
      }
  }
  const priced = priceOf(step, cost);
  // geth looks at memory that nobody could pay for before it looks at what is to be copied there.
  const isPoor = exception === layout.EXCEPTION_OUT_OF_GAS || gas < priced.cost ||
    priced.error !== OUT_OF_GAS;
  if (isPoor) return { ...priced, hasRun: false };
  return { error: exceptionWords(exception) ?? "", cost: priced.cost, hasRun: true };
}

/** How a step failed. */
export interface Fault {
  readonly error: string;
  /** The price that geth names with it. */
  readonly cost: bigint;
  /** Whether it could pay, so that the opcode itself failed. */
  readonly hasRun: boolean;
}

/** CALL (with a value), CREATE, CREATE2, SELFDESTRUCT, SSTORE. */
const PRICED_AS_WRITES: ReadonlySet<number> = new Set([0xf1, 0xf0, 0xf5, 0xff, 0x55]);

function initCodeWords(sizeBytes: bigint): string {
  const words = `code size ${sizeBytes} limit ${MAX_INIT_CODE_BYTES}`;
  return `${OUT_OF_GAS}: max initcode size exceeded: ${words}`;
}

/** Opcodes that have a name and do not run here. */
const INVALID_NAMES: Readonly<Record<number, string>> = { 0x1e: "CLZ", 0xfe: "INVALID" };

/** Operands of the range of memory that an opcode uses: offset, size (or bytes), and word prices. */
interface MemoryUse {
  readonly offset: number;
  /** Operand of the size… */
  readonly size?: number;
  /** …or the size itself. */
  readonly bytes?: bigint;
  readonly perWord?: bigint;
  readonly perByte?: bigint;
}

const MEMORY_USES: ReadonlyMap<number, MemoryUse> = new Map<number, MemoryUse>([
  [0x20, { offset: 0, size: 1, perWord: 6n }],
  [0x37, { offset: 0, size: 2, perWord: 3n }],
  [0x39, { offset: 0, size: 2, perWord: 3n }],
  [0x3c, { offset: 1, size: 3, perWord: 3n }],
  [0x3e, { offset: 0, size: 2, perWord: 3n }],
  [0x51, { offset: 0, bytes: 32n }],
  [0x52, { offset: 0, bytes: 32n }],
  [0x53, { offset: 0, bytes: 1n }],
  [0x5e, { offset: 0, size: 2, perWord: 3n }],
  ...[0, 1, 2, 3, 4].map((topics): [number, MemoryUse] => [
    0xa0 + topics,
    { offset: 0, size: 1, perByte: 8n },
  ]),
  [0xf0, { offset: 1, size: 2, perWord: 2n }],
  [0xf3, { offset: 0, size: 1 }],
  [0xf5, { offset: 1, size: 2, perWord: 8n }],
  [0xfd, { offset: 0, size: 1 }],
]);

/** What geth takes before it looks at operands. */
function constantPrice(op: number): bigint {
  if (op >= 0x60 && op <= 0x9f) return 3n;
  return BigInt(CONSTANT_PRICES.get(op) ?? 0);
}

const CONSTANT_PRICES: ReadonlyMap<number, number> = new Map([
  ...priced(2, [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45]),
  ...priced(2, [0x46, 0x48, 0x4a, 0x50, 0x58, 0x59, 0x5a, 0x5f]),
  ...priced(3, [0x01, 0x03, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a]),
  ...priced(3, [0x1b, 0x1c, 0x1d, 0x35, 0x37, 0x39, 0x3e, 0x49, 0x51, 0x52, 0x53, 0x5e]),
  ...priced(5, [0x02, 0x04, 0x05, 0x06, 0x07, 0x0b, 0x1e, 0x47]),
  ...priced(8, [0x08, 0x09, 0x56]),
  ...priced(100, [0x31, 0x3b, 0x3c, 0x3f, 0x5c, 0x5d, 0xf1, 0xf2, 0xf4, 0xfa]),
  ...priced(32_000, [0xf0, 0xf5]),
  [0x20, 30],
  [0x40, 20],
  [0x57, 10],
  [0x5b, 1],
  [0xff, 5_000],
]);

function priced(price: number, opcodes: readonly number[]): readonly (readonly [number, number])[] {
  return opcodes.map((opcode) => [opcode, price] as const);
}

/** Words that each opcode below 0x60 and from 0xf0 on takes, sixteen opcodes a line. */
const STACK_NEEDS: ReadonlyMap<number, string> = new Map([
  [0x00, "0222222233220000"],
  [0x10, "2222212221222210"],
  [0x20, "2000000000000000"],
  [0x30, "0100010303014031"],
  [0x40, "1000000001000000"],
  [0x50, "1122121200001230"],
  [0xf0, "3772640000600201"],
]);

function stackNeeds(op: number): number {
  if (op >= 0x80 && op <= 0x8f) return op - 0x7f;
  if (op >= 0x90 && op <= 0x9f) return op - 0x8e;
  if (op >= 0xa0 && op <= 0xa4) return op - 0x9e;
  return Number(STACK_NEEDS.get(op & 0xf0)?.[op & 0x0f] ?? 0);
}

/** The price of an opcode that could not pay, as far as its operands tell. */
function priceOf(
  { op, gas, stack, memorySizeBytes }: FailedStep,
  constant: bigint,
): { readonly error: string; readonly cost: bigint } {
  if (gas < constant) return { error: OUT_OF_GAS, cost: constant };
  if (op === 0x55 && gas <= SSTORE_SENTRY) {
    return { error: `${OUT_OF_GAS}: not enough gas for reentrancy sentry`, cost: 0n };
  }
  const overflow = memoryOverflow(op, stack);
  if (overflow !== undefined) return { error: overflow, cost: constant };
  const surcharge = SURCHARGES.get(op) ?? 0n;
  const use = MEMORY_USES.get(op);
  if (op === 0x0a) {
    return { error: OUT_OF_GAS, cost: 10n + 50n * BigInt(byteLength(stack.peek(1))) };
  }
  if (use === undefined) return { error: OUT_OF_GAS, cost: constant + surcharge };
  const size = use.bytes ?? stack.peek(use.size ?? 0);
  const end = size === 0n ? 0n : stack.peek(use.offset) + size;
  if ((op === 0xf0 || op === 0xf5) && size > MAX_INIT_CODE_BYTES) {
    return { error: initCodeWords(size), cost: constant };
  }
  const words = wordsOf(size);
  const growth = memoryPrice(end) - memoryPrice(BigInt(memorySizeBytes));
  const isLog = op >= 0xa0 && op <= 0xa4;
  const cost = constant + surcharge + (growth > 0n ? growth : 0n) + (use.perWord ?? 0n) * words +
    (use.perByte ?? 0n) * size + (isLog ? 375n * BigInt(op - 0x9f) : 0n);
  return { error: OUT_OF_GAS, cost };
}

/** Operands of a second range of memory, offset and size; of calls, that of both. */
const OTHER_RANGES: ReadonlyMap<number, readonly (readonly [number, number])[]> = new Map([
  [0x5e, [[1, 2]]],
  [0xf1, [[3, 4], [5, 6]]],
  [0xf2, [[3, 4], [5, 6]]],
  [0xf4, [[2, 3], [4, 5]]],
  [0xfa, [[2, 3], [4, 5]]],
]);

/** What geth says of memory whose price does not fit 64 bits, before it prices anything else. */
function memoryOverflow(op: number, stack: StackView): string | undefined {
  const use = MEMORY_USES.get(op);
  const endOf = (offset: number, size: bigint): bigint =>
    size === 0n ? 0n : stack.peek(offset) + size;
  const ends = (OTHER_RANGES.get(op) ?? []).map(([offset, size]) =>
    endOf(offset, stack.peek(size))
  );
  if (use !== undefined) ends.push(endOf(use.offset, use.bytes ?? stack.peek(use.size ?? 0)));
  if (ends.some((end) => end > MAX_WORDED_BYTES)) return OVERFLOW;
  return ends.some((end) => end > MAX_MEMORY_BYTES) ? `${OUT_OF_GAS}: ${OVERFLOW}` : undefined;
}

/** What a cold account or slot costs on top: a warm one would have been paid for. */
const SURCHARGES: ReadonlyMap<number, bigint> = new Map([
  [0x31, 2_500n],
  [0x3b, 2_500n],
  [0x3c, 2_500n],
  [0x3f, 2_500n],
  [0x54, 2_100n],
  [0x55, 22_100n],
  [0xff, 2_600n],
]);

function wordsOf(bytes: bigint): bigint {
  return (bytes + 31n) / 32n;
}

function memoryPrice(bytes: bigint): bigint {
  const words = wordsOf(bytes);
  return 3n * words + words * words / 512n;
}

function byteLength(value: bigint): number {
  return value === 0n ? 0 : Math.ceil(value.toString(16).length / 2);
}

/** Gas of precompiles whose price does not depend on much; the others fail for want of gas. */
const PRECOMPILE_PRICES: ReadonlyMap<number, (input: Uint8Array) => number> = new Map([
  [0x06, () => 150],
  [0x07, () => 6_000],
  [0x08, (input: Uint8Array) => 45_000 + 34_000 * Math.floor(input.length / 192)],
  [0x09, (input: Uint8Array) => input.length === 213 ? roundsOf(input) : 0],
  [0x0a, () => 50_000],
  [0x0b, () => 375],
  [0x0c, (input: Uint8Array) => 6_228 * Math.floor(input.length / 160)],
  [0x0d, () => 600],
  [0x0e, (input: Uint8Array) => 11_790 * Math.floor(input.length / 288)],
  [0x0f, (input: Uint8Array) => 37_700 + 32_600 * Math.floor(input.length / 384)],
  [0x10, () => 5_500],
  [0x11, () => 23_800],
]);

/** Bytes that an input must have, or be a multiple of. */
const INPUT_BYTES: ReadonlyMap<number, number> = new Map([
  [0x09, 213],
  [0x0a, 192],
  [0x0b, 256],
  [0x0c, 160],
  [0x0d, 512],
  [0x0e, 288],
  [0x0f, 384],
  [0x10, 64],
  [0x11, 128],
]);
/** Those whose inputs are as long as the terms they have. */
const OF_TERMS: ReadonlySet<number> = new Set([0x0c, 0x0e, 0x0f]);

/** Why the precompile `number` failed, of which the program says no more than that it did. */
export function precompileWords(number: number, input: Uint8Array, gas: bigint): string {
  const price = PRECOMPILE_PRICES.get(number);
  if (price === undefined || gas < BigInt(price(input))) return OUT_OF_GAS;
  if (number === 0x08 && input.length % 192 !== 0) return "bad elliptic curve pairing size";
  const bytes = INPUT_BYTES.get(number);
  const isLong = OF_TERMS.has(number) && input.length > 0;
  if (bytes !== undefined && (isLong ? input.length % bytes !== 0 : input.length !== bytes)) {
    return "invalid input length";
  }
  return number === 0x09 ? "invalid final flag" : "invalid input";
}

function roundsOf(input: Uint8Array): number {
  return new DataView(input.buffer, input.byteOffset, 4).getUint32(0);
}
