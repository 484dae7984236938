/**
 * What an EVM tells somebody who watches it run: frames, opcodes, logs.
 *
 * Owns the interface between whatever executes (the program on the L2, the EVM of the embedded L1)
 * and tracers, in the order and with the values of geth's `core/tracing` hooks, so that a tracer
 * written once gives geth's answer on either. Does not own any tracer (`devnet/rpc/tracers`).
 * @module
 */
import type { Address, Hash32 } from "../primitives/hex.ts";
import type { EventLog } from "../types/receipt.ts";

/** How a frame was opened. `SELFDESTRUCT` is a frame without code that hands the balance over. */
export type FrameKind =
  | "CALL"
  | "CALLCODE"
  | "DELEGATECALL"
  | "STATICCALL"
  | "CREATE"
  | "CREATE2"
  | "SELFDESTRUCT";

/** A frame that begins. */
export interface FrameStart {
  readonly kind: FrameKind;
  /** 0 for the message of the transaction itself. */
  readonly depth: number;
  readonly from: Address;
  /** Whose code runs (its delegation not followed), the new contract, or who gets the balance. */
  readonly to: Address;
  /** Call data, or init code. */
  readonly input: Uint8Array;
  /** Gas of the frame; at depth 0 what is left of the limit after the intrinsic cost. */
  readonly gas: bigint;
  /** `undefined` where the opcode has none: STATICCALL; of a DELEGATECALL, its caller's. */
  readonly valueWei: bigint | undefined;
}

/** A frame that ended. */
export interface FrameEnd {
  readonly depth: number;
  /** Return data, the data of a revert, or the deployed code. */
  readonly output: Uint8Array;
  readonly gasUsed: bigint;
  /** geth's words, e.g. `execution reverted`, `out of gas`, `invalid jump destination`. */
  readonly error: string | undefined;
  /** Whether its changes were taken back. */
  readonly isReverted: boolean;
}

/** The stack as a tracer reads it; valid during the hook only. */
export interface StackView {
  readonly length: number;
  /** Word `depth` below the top; 0 is the top. Zero when there is none. */
  peek(depth: number): bigint;
}

/** An opcode that is about to run. Views are valid during the hook only. */
export interface OpcodeStep {
  readonly pc: number;
  readonly op: number;
  /** Before the opcode. */
  readonly gas: bigint;
  /** With its dynamic part; of calls, with the gas they hand on. */
  readonly cost: bigint;
  /** 1 in the frame of the transaction, as geth has it. */
  readonly depth: number;
  /** EIP-3529 counter so far. */
  readonly refund: bigint;
  /** Whose storage it is. */
  readonly address: Address;
  readonly stack: StackView;
  readonly memorySizeBytes: number;
  /** A view of the memory; copy what is to be kept. */
  memory(): Uint8Array;
  /** What the last call of this frame returned. */
  returnData(): Uint8Array;
}

/**
 * Called synchronously and in order. Those that are absent cost nothing. A hook that throws ends
 * the run with its error: that is how a tracer stops for its limits.
 */
export interface TraceHooks {
  onEnter?(frame: FrameStart): void;
  onExit?(end: FrameEnd): void;
  /** Before the opcode runs, its gas checked or not as geth has it. */
  onOpcode?(step: OpcodeStep): void;
  /**
   * An opcode that cannot run: it has `error` in geth's words, and its frame ends with it. It comes
   * alone when stack or gas was missing, and after `onOpcode` of the same step when the opcode
   * itself failed: a bad jump, a write in a static call, an unknown opcode. REVERT is no fault.
   */
  onFault?(step: OpcodeStep, error: string): void;
  /** `index` counts from 0 within the transaction, reverted logs too. */
  onLog?(log: EventLog, index: number): void;
}

/** An account as a tracer shows it. */
export interface TracedAccount {
  readonly nonce: bigint;
  readonly balanceWei: bigint;
  /** Empty for none; the designator of a delegation. */
  readonly code: Uint8Array;
}

/** A state, before or after a transaction. */
export interface StateReader {
  /** `undefined` for an account that is not there; since EIP-161 an empty one is not. */
  account(account: Address): Promise<TracedAccount | undefined>;
  storage(account: Address, slot: Hash32): Promise<Hash32>;
}
