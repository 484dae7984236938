/**
 * Opcodes as geth tells its tracers of them, and the memory that they name.
 *
 * Owns what is common to tracers that look at each opcode. Does not own any tracer.
 * @module
 */
import { EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import type { OpcodeStep, TraceHooks } from "../../../core/vm/trace.ts";

/**
 * Hooks that call `visit` once an opcode, those that stack or gas was missing for too: geth tells
 * of these by the same hook.
 */
export function eachOpcode(
  visit: (step: OpcodeStep) => void,
): Required<Pick<TraceHooks, "onOpcode" | "onFault">> {
  let told: { readonly pc: number; readonly gas: bigint; readonly depth: number } | undefined;
  return {
    onOpcode: (step) => {
      told = { pc: step.pc, gas: step.gas, depth: step.depth };
      visit(step);
    },
    onFault: (step) => {
      const isTold = told?.pc === step.pc && told.gas === step.gas && told.depth === step.depth;
      if (!isTold) visit(step);
    },
  };
}

/** Bytes behind the end of the memory that geth is ready to show as zeros. */
const MAX_PADDING_BYTES = 1_048_576;
const INT64_MASK = 2n ** 64n - 1n;
const MAX_INT64 = 2n ** 63n - 1n;

/**
 * A copy of `length` bytes of the memory from `offset`, zeros behind its end; `undefined` where geth
 * shows none.
 */
export function copyMemory(
  step: OpcodeStep,
  offset: bigint,
  length: bigint,
): Uint8Array | undefined {
  const first = offset & INT64_MASK;
  const sizeBytes = length & INT64_MASK;
  if (first > MAX_INT64 || sizeBytes > MAX_INT64) return undefined;
  if (first + sizeBytes - BigInt(step.memorySizeBytes) > BigInt(MAX_PADDING_BYTES)) {
    return undefined;
  }
  if (sizeBytes === 0n) return EMPTY_BYTES;
  const copy = new Uint8Array(Number(sizeBytes));
  copy.set(step.memory().subarray(Number(first), Number(first + sizeBytes)));
  return copy;
}
