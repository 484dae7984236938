/**
 * What the tests of tracers share: steps, frames and states without a chain.
 *
 * Owns fixtures only.
 * @module
 */
import { EMPTY_BYTES } from "../../../core/primitives/bytes.ts";
import {
  type Address,
  address,
  type Hash32,
  ZERO_ADDRESS,
  ZERO_HASH,
} from "../../../core/primitives/hex.ts";
import type {
  FrameEnd,
  FrameStart,
  OpcodeStep,
  StateReader,
  TracedAccount,
} from "../../../core/vm/trace.ts";
import type { TracedRun } from "../chain.ts";
import { OSAKA_TRACED_RULES } from "./rules.ts";
import { createTraceBudget, type TracerContext } from "./tracer.ts";

/** Sends the message. */
export const SENDER: Address = address(`0x${"aa".repeat(20)}`);
/** Gets the message. */
export const TARGET: Address = address(`0x${"bb".repeat(20)}`);

/** What a tracer is made of, with room for `maxBytes`. */
export function contextOf(maxBytes = 1_000_000): TracerContext {
  return {
    message: { from: SENDER, to: TARGET, gasLimit: 90_000n, authorities: [], firstLogIndex: 0 },
    budget: createTraceBudget({ maxBytes, timeoutMs: 1_000, maxTotalMs: 1_000 }, () => 0),
  };
}

/** A frame of a call from the sender to the target. */
export function frame(fields: Partial<FrameStart> = {}): FrameStart {
  return {
    kind: "CALL",
    depth: 0,
    from: SENDER,
    to: TARGET,
    input: EMPTY_BYTES,
    gas: 50_000n,
    valueWei: 0n,
    ...fields,
  };
}

/** The end of a frame that succeeded. */
export function end(fields: Partial<FrameEnd> = {}): FrameEnd {
  return {
    depth: 0,
    output: EMPTY_BYTES,
    gasUsed: 7n,
    error: undefined,
    isReverted: false,
    ...fields,
  };
}

/** An opcode of the target with this stack, top first. */
export function step(
  op: number,
  stack: readonly bigint[],
  fields: Partial<OpcodeStep> = {},
): OpcodeStep {
  return {
    pc: 0,
    op,
    gas: 100n,
    cost: 3n,
    depth: 1,
    refund: 0n,
    address: TARGET,
    stack: { length: stack.length, peek: (depth) => stack[depth] ?? 0n },
    memorySizeBytes: 0,
    memory: () => EMPTY_BYTES,
    returnData: () => EMPTY_BYTES,
    ...fields,
  };
}

/** A state with these accounts and slots. */
export function state(
  accounts: Readonly<Record<Address, Partial<TracedAccount>>>,
  slots: Readonly<Record<string, Hash32>> = {},
): StateReader {
  return {
    account: (account) => {
      const found = accounts[account];
      return Promise.resolve(
        found === undefined
          ? undefined
          : { nonce: 0n, balanceWei: 0n, code: EMPTY_BYTES, ...found },
      );
    },
    storage: (account, slot) => Promise.resolve(slots[`${account}${slot}`] ?? ZERO_HASH),
  };
}

/** A run that ended, in a block of the zero coinbase. */
export function run(fields: Partial<TracedRun> = {}): TracedRun {
  return {
    transaction: undefined,
    environment: {
      chainId: 1n,
      number: 1n,
      timestampSec: 1n,
      coinbase: ZERO_ADDRESS,
      gasLimit: 1_000_000n,
      baseFeePerGasWei: 0n,
      prevRandao: ZERO_HASH,
      parentHash: ZERO_HASH,
      gasPerPubdata: 0n,
    },
    rules: OSAKA_TRACED_RULES,
    gasUsed: 21_007n,
    success: true,
    returnData: EMPTY_BYTES,
    before: state({}),
    after: state({}),
    ...fields,
  };
}
