/**
 * The table of opcodes of one EVM, for those who must be there when an opcode runs.
 *
 * Owns access to what the library keeps to itself: it tells listeners of every step, which costs
 * more than the step. Does not own any watcher.
 * @module
 */
import { EVM, type EVMInterface } from "@ethereumjs/evm";
import { assert } from "../../core/primitives/errors.ts";
import { isRecord } from "../rpc/schema.ts";

/** Runs an opcode; asynchronous ones answer with a promise. */
export type OpcodeHandler = (...args: readonly unknown[]) => unknown;

/**
 * Puts `wrap` of the handler of `opcode` in its place, in `evm` alone; with `isAsync` the library
 * waits for it, whatever the opcode itself is.
 */
export function wrapOpcode(
  evm: EVMInterface,
  opcode: number,
  wrap: (handler: OpcodeHandler) => OpcodeHandler,
  { isAsync = false }: { readonly isAsync?: boolean } = {},
): void {
  // Each EVM has a table of its own; its entries are shared and stay as they are.
  const table = tableOf(evm);
  const entry: unknown = table[opcode];
  assert(isRecord(entry), "the table has an entry for every byte");
  const { opHandler, opcodeInfo } = entry;
  assert(isRecord(opcodeInfo), "an entry says what its opcode is");
  // An opcode that this fork does not have has none.
  if (typeof opHandler !== "function") return;
  table[opcode] = {
    ...entry,
    opcodeInfo: isAsync ? { ...opcodeInfo, isAsync } : opcodeInfo,
    opHandler: wrap((...args) => opHandler(...args)),
  };
}

/** The table of `evm`, by opcode. */
export function tableOf(evm: EVMInterface): unknown[] {
  assert(evm instanceof EVM, "the embedded L1 runs on the library's EVM");
  const table: unknown = Reflect.get(evm, "_opcodeMap");
  assert(Array.isArray(table), "the library has a table of opcodes");
  return table;
}
