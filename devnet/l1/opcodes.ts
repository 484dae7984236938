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

/** Prices an opcode; the library hands it the frame and the fixed part of the price. */
type PriceHandler = (runState: PricedState, fee: bigint, ...rest: readonly unknown[]) => unknown;

/** What a frame is left with of the last opcode whose price depends on something. */
export interface PricedState {
  readonly gasLeft: bigint;
  /** What the frame had before it… */
  pricedGas?: bigint;
  /** …and the fixed part of its price in the library. */
  pricedFee?: bigint;
}

/**
 * Lets frames of `evm` keep what gas they had before their last opcode of no fixed price: the library
 * sets what is left to nothing when that is not enough, and geth's words depend on it.
 */
export function keepPricedGas(evm: EVMInterface): void {
  const table = tableOf(evm);
  for (const [opcode, entry] of table.entries()) {
    if (!isRecord(entry) || typeof entry.gasHandler !== "function") continue;
    // Handlers are the library's, which calls them so.
    const price = entry.gasHandler as PriceHandler;
    const gasHandler: PriceHandler = (runState, fee, ...rest) => {
      runState.pricedGas = runState.gasLeft;
      runState.pricedFee = fee;
      return price(runState, fee, ...rest);
    };
    table[opcode] = { ...entry, gasHandler };
  }
}

/** The table of `evm`, by opcode. */
export function tableOf(evm: EVMInterface): unknown[] {
  assert(evm instanceof EVM, "the embedded L1 runs on the library's EVM");
  const table: unknown = Reflect.get(evm, "_opcodeMap");
  assert(Array.isArray(table), "the library has a table of opcodes");
  return table;
}
