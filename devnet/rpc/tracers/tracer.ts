/**
 * What a tracer is: hooks that watch one transaction, and the JSON that comes of it.
 *
 * Owns the interface, and the bounds on time and size that keep a trace from taking the process
 * down. Does not own any tracer, nor their list (`registry.ts`).
 * @module
 */
import type { Address } from "../../../core/primitives/hex.ts";
import type { FrameEnd, FrameStart, OpcodeStep, TraceHooks } from "../../../core/vm/trace.ts";
import type { TracedRun } from "../chain.ts";
import { refusal, RPC_CODES } from "../errors.ts";

/** What a tracer knows of a transaction before it runs. */
export interface TracedMessage {
  readonly from: Address;
  readonly to: Address | undefined;
  readonly gasLimit: bigint;
  /** Who signed its authorizations (EIP-7702), valid or not. */
  readonly authorities: readonly Address[];
  /** How many logs its block has before it. */
  readonly firstLogIndex: number;
}

/** Watches one transaction. */
export interface Tracer {
  readonly hooks: TraceHooks;
  /** The trace as plain JSON, once the run has ended. */
  result(run: TracedRun): Promise<unknown>;
}

/** What a tracer is made of. */
export interface TracerContext {
  readonly message: TracedMessage;
  readonly budget: TraceBudget;
}

/** How large the traces of one request may get, and how long they may take. */
export interface TraceBudget {
  /** Starts the time of the next transaction. */
  restart(): void;
  /**
   * Counts bytes of the answer.
   *
   * @throws RpcError `TRACE_TOO_LARGE`
   */
  spend(sizeBytes: number): void;
  /** @throws RpcError `TRACE_TIMEOUT` */
  checkTime(): void;
}

/** Bounds of one request. */
export interface TraceLimits {
  readonly maxBytes: number;
  /** Of each transaction. */
  readonly timeoutMs: number;
  /** Of all of them. */
  readonly maxTotalMs: number;
}

/** Opcodes between two looks at the clock. */
const STEPS_PER_CHECK = 1_024;
/** KECCAK256 of a megabyte takes as long as thousands of other opcodes. */
const KECCAK256 = 0x20;
const KECCAK256_STEPS = 256;

/** A budget whose time begins now; `nowMs` is a steady clock. */
export function createTraceBudget(limits: TraceLimits, nowMs: () => number): TraceBudget {
  const lastDeadlineMs = nowMs() + limits.maxTotalMs;
  let deadlineMs = Math.min(lastDeadlineMs, nowMs() + limits.timeoutMs);
  let leftBytes = limits.maxBytes;
  return {
    restart: () => {
      deadlineMs = Math.min(lastDeadlineMs, nowMs() + limits.timeoutMs);
    },
    spend: (sizeBytes) => {
      leftBytes -= sizeBytes;
      if (leftBytes < 0) throw tooLarge(limits.maxBytes);
    },
    checkTime: () => {
      if (nowMs() > deadlineMs) throw timedOut(limits);
    },
  };
}

/** `hooks` that also look at the clock now and then, whatever the tracer itself listens to. */
export function withDeadline(hooks: TraceHooks, budget: TraceBudget): TraceHooks {
  let steps = 0;
  const tick = (weight: number): void => {
    steps += weight;
    if (steps < STEPS_PER_CHECK) return;
    steps = 0;
    budget.checkTime();
  };
  return {
    ...hooks,
    onOpcode: (step: OpcodeStep) => {
      tick(step.op === KECCAK256 ? KECCAK256_STEPS : 1);
      hooks.onOpcode?.(step);
    },
    onEnter: (frame: FrameStart) => {
      // A precompile may take as long as thousands of opcodes.
      budget.checkTime();
      hooks.onEnter?.(frame);
    },
    onExit: (end: FrameEnd) => hooks.onExit?.(end),
  };
}

function tooLarge(maxBytes: number) {
  return refusal(
    RPC_CODES.serverError,
    "TRACE_TOO_LARGE",
    `trace is larger than the limit of ${maxBytes} bytes`,
    'Ask for less: name a tracer such as "callTracer", or set disableStack, disableStorage or limit.',
  );
}

function timedOut({ timeoutMs, maxTotalMs }: TraceLimits) {
  return refusal(
    RPC_CODES.serverError,
    "TRACE_TIMEOUT",
    "execution timeout",
    `A transaction may take ${timeoutMs} ms and a request ${maxTotalMs} ms: give a longer timeout, ` +
      "or trace a single transaction.",
  );
}
