/**
 * Lets hooks watch the EVM of the embedded L1 run, as geth's hooks watch geth's.
 *
 * Owns the way from the library's opcodes and messages to {@linkcode TraceHooks}: what an opcode
 * costs with all its parts, and calls and creations that fail before they begin, of which the
 * library says nothing. Wraps the table of opcodes of one EVM for as long as somebody watches, so
 * that nobody else pays. Does not own geth's words (`evm_faults.ts`) or what runs (`trace.ts`).
 * @module
 */
import { EVM, EVMError, type EVMInterface, type EVMResult, type Message } from "@ethereumjs/evm";
import { EMPTY_BYTES } from "../../core/primitives/bytes.ts";
import { assert } from "../../core/primitives/errors.ts";
import { type Address, bytesToAddress } from "../../core/primitives/hex.ts";
import type { OpcodeStep, TraceHooks } from "../../core/vm/trace.ts";
import { opcodeInfo, OPCODES } from "../opcodes.ts";
import { toEventLogs } from "./library.ts";
import { createTurns } from "./turns.ts";
import {
  faultAfterGas,
  faultBeforeGas,
  faultOfFrame,
  faultOfGas,
  faultOfOpcode,
  fixedGas,
  type LibraryRunState,
  OUT_OF_GAS,
  type PrecompileFrame,
} from "./evm_faults.ts";
import {
  type ChildCall,
  describeChild,
  isCallOpcode,
  MAX_CALL_DEPTH,
  wordToAddress,
} from "./evm_children.ts";

/** An EVM that is watched. */
export interface EvmWatch {
  /**
   * What a hook threw, which also ended the run; the library may have said something else about it.
   *
   * @throws what the hook threw, if any did.
   */
  rethrow(): void;
  /** Ends watching. */
  stop(): void;
}

/** An entry of the library's table of opcodes. */
interface OpcodeEntry {
  readonly opcodeInfo: {
    readonly feeBigInt: bigint;
    readonly isAsync: boolean;
    readonly dynamicGas: boolean;
    readonly isInvalid: boolean;
  };
  readonly opHandler: (runState: LibraryRunState, common: unknown) => unknown;
  readonly gasHandler?: (
    runState: LibraryRunState,
    gas: bigint,
    common: unknown,
  ) => bigint | Promise<bigint>;
}

/** A frame that runs. */
interface Frame {
  readonly isCreate: boolean;
  readonly inputSizeBytes: number;
  /** Whose code it runs; `undefined` for a creation. */
  readonly to: Address | undefined;
  readonly gasLimit: bigint;
  /** Set by its first opcode; without code there is none. */
  runState: LibraryRunState | undefined;
  lastOp: number;
  step: OpcodeStep | undefined;
  /** Why it ends, in geth's words, where the library's say less. */
  fault: string | undefined;
}

/** Opcodes between two looks at the clock. */
const OPCODES_PER_LOOK = 256;
/** Refund of SELFDESTRUCT until London. */
const SELFDESTRUCT_REFUND = 24_000n;

/** Watches `evm` with `hooks` until {@linkcode EvmWatch.stop}. */
export function watchEvm(
  evm: EVMInterface,
  hooks: TraceHooks,
  /** The account that the outermost message creates, if it creates one. */
  topCreated: Address | undefined,
): EvmWatch {
  assert(evm instanceof EVM, "the embedded L1 runs on the library's EVM");
  const watcher = createWatcher(hooks, topCreated);
  const table: unknown = Reflect.get(evm, "_opcodeMap");
  assert(Array.isArray(table), "the library has a table of opcodes");
  // Entries are the library's; `OpcodeEntry` is the part of them that is used here.
  const entries = table as readonly OpcodeEntry[];
  Reflect.set(evm, "_opcodeMap", entries.map((entry) => watchEntry(entry, watcher)));
  const enter = watcher.guard((message: Message) => watcher.enter(message));
  const exit = watcher.guard((result: EVMResult) => watcher.exit(result));
  evm.events.on("beforeMessage", enter);
  evm.events.on("afterMessage", exit);
  return {
    rethrow: watcher.rethrow,
    stop: () => {
      Reflect.set(evm, "_opcodeMap", table);
      evm.events.off("beforeMessage", enter);
      evm.events.off("afterMessage", exit);
    },
  };
}

type Watcher = ReturnType<typeof createWatcher>;

function createWatcher(hooks: TraceHooks, topCreated: Address | undefined) {
  const frames: Frame[] = [];
  let pending: ChildCall | undefined;
  let logCount = 0;
  let thrown: { readonly error: unknown } | undefined;
  const turns = createTurns();
  let opcodesLeft = OPCODES_PER_LOOK;

  const currentFrame = (): Frame => {
    const frame = frames.at(-1);
    assert(frame !== undefined, "opcodes run in a frame");
    return frame;
  };
  const openFrame = ({ to, inputSizeBytes, gasLimit }: PrecompileFrame): void => {
    frames.push({
      isCreate: to === undefined,
      to,
      inputSizeBytes,
      gasLimit,
      runState: undefined,
      lastOp: -1,
      step: undefined,
      fault: undefined,
    });
  };
  const enter = (message: Message): void => {
    const { depth, gasLimit } = message;
    if (depth > 0) {
      assert(pending !== undefined, "a message within a run comes of an opcode");
      const { frame } = pending;
      pending = undefined;
      const isCreate = frame.kind === "CREATE" || frame.kind === "CREATE2";
      const to = isCreate ? undefined : frame.to;
      openFrame({ to, inputSizeBytes: frame.input.length, gasLimit });
      hooks.onEnter?.({ ...frame, gas: gasLimit });
      return;
    }
    const isCreate = message.to === undefined;
    const to = message.to === undefined ? topCreated : bytesToAddress(message.to.bytes);
    assert(to !== undefined, "who runs a creation knows its address");
    openFrame({
      to: isCreate ? undefined : to,
      inputSizeBytes: message.data.length,
      gasLimit,
    });
    hooks.onEnter?.({
      kind: isCreate ? "CREATE" : "CALL",
      depth,
      from: bytesToAddress(message.caller.bytes),
      to,
      input: message.data,
      gas: gasLimit,
      valueWei: message.value,
    });
  };
  const exit = ({ execResult }: EVMResult): void => {
    const frame = frames.at(-1);
    assert(frame !== undefined, "a message ends after it began");
    tellImplicitStop(frame, hooks);
    frames.pop();
    const { exceptionError } = execResult;
    const error = exceptionError === undefined
      ? undefined
      : frame.fault ?? faultOfFrame(exceptionError.error, frame);
    const isForgiven = exceptionError?.error === EVMError.errorMessages.CODESTORE_OUT_OF_GAS;
    hooks.onExit?.({
      depth: frames.length,
      output: isForgiven
        ? frame.runState?.interpreter._result.returnValue ?? EMPTY_BYTES
        : execResult.returnValue,
      gasUsed: execResult.executionGasUsed,
      error,
      isReverted: error !== undefined && !isForgiven,
    });
  };
  return {
    hooks,
    enter,
    exit,
    currentFrame,
    /** Lets others have their turn now and then: a trace may take seconds. */
    handOn: (): Promise<number> | undefined => {
      if (--opcodesLeft > 0) return undefined;
      opcodesLeft = OPCODES_PER_LOOK;
      return turns.handOn();
    },
    setPending: (child: ChildCall) => {
      pending = child;
    },
    /** The call or creation that was announced and never began. */
    takePending: (): ChildCall | undefined => {
      const child = pending;
      pending = undefined;
      return child;
    },
    nextLogIndex: () => logCount++,
    guard: <Argument>(watch: (argument: Argument) => void) => (argument: Argument): void => {
      try {
        watch(argument);
      } catch (error) {
        thrown ??= { error };
        throw error;
      }
    },
    note: (error: unknown): void => {
      if (!isEvmError(error)) thrown ??= { error };
    },
    rethrow: (): void => {
      if (thrown !== undefined) throw thrown.error;
    },
  };
}

/** Code that runs off its end stops there, which is an opcode to geth. */
function tellImplicitStop(frame: Frame, hooks: TraceHooks): void {
  const { runState, lastOp, fault } = frame;
  if (runState === undefined || fault !== undefined || hooks.onOpcode === undefined) return;
  if (ENDS_FRAME.has(lastOp)) return;
  hooks.onOpcode(describeStep(runState, {
    op: OPCODES.stop,
    cost: 0n,
    refund: runState.gasRefund,
    memoryWords: Number(runState.memoryWordCount),
  }));
}

const ENDS_FRAME: ReadonlySet<number> = new Set([
  OPCODES.stop,
  OPCODES.return,
  OPCODES.revert,
  OPCODES.selfdestruct,
]);

/** An entry that tells the hooks of its opcode. The library calls the gas handler first. */
function watchEntry(entry: OpcodeEntry, watcher: Watcher): OpcodeEntry {
  const { opcodeInfo } = entry;
  return {
    opcodeInfo: { ...opcodeInfo, dynamicGas: true },
    gasHandler: async (runState, fee, common) => {
      try {
        const wait = watcher.handOn();
        if (wait !== undefined) await wait;
        return await priceOpcode(entry, watcher, { runState, fee, common });
      } catch (error) {
        watcher.note(error);
        throw error;
      }
    },
    opHandler: opcodeInfo.isAsync
      ? async (runState, common) => {
        try {
          await runAsyncOpcode(entry, watcher, { runState, common });
        } catch (error) {
          watcher.note(error);
          throw error;
        }
      }
      : (runState, common) => {
        try {
          runOpcode(entry, watcher, { runState, common });
        } catch (error) {
          watcher.note(error);
          throw error;
        }
      },
  };
}

async function priceOpcode(
  entry: OpcodeEntry,
  { hooks, currentFrame }: Watcher,
  run: { readonly runState: LibraryRunState; readonly fee: bigint; readonly common: unknown },
): Promise<bigint> {
  const { runState, fee, common } = run;
  const op = runState.opCode;
  const frame = currentFrame();
  frame.runState = runState;
  frame.lastOp = op;
  const memoryWords = Number(runState.memoryWordCount);
  const describe = (cost: bigint): OpcodeStep =>
    describeStep(runState, { op, cost, memoryWords, refund: refundAt(runState, op) });
  const fail = (cost: bigint, fault: string): void => {
    frame.fault = fault;
    hooks.onFault?.(describe(cost), fault);
  };
  if (entry.opcodeInfo.isInvalid) {
    const fault = `invalid opcode: ${opcodeInfo(op).name}`;
    hooks.onOpcode?.(describe(0n));
    fail(0n, fault);
    return 0n;
  }
  const fixed = fixedGas(op, fee, runState.interpreter.common);
  const early = faultBeforeGas(runState, op, fixed);
  if (early !== undefined) {
    fail(fixed, early.text);
    throw new EVMError(EVMError.errorMessages[early.thrownAs]);
  }
  const late = faultAfterGas(runState, op, fee);
  if (late !== undefined) {
    hooks.onOpcode?.(describe(late.cost));
    fail(late.cost, late.text);
    throw new EVMError(EVMError.errorMessages[late.thrownAs]);
  }
  let gas = fee;
  if (entry.gasHandler !== undefined) {
    try {
      gas = await entry.gasHandler(runState, fee, common);
    } catch (error) {
      if (isEvmError(error)) fail(fixed, faultOfGas(runState, op));
      throw error;
    }
  }
  const cost = isCallOpcode(op) ? gas + (runState.messageGasLimit ?? 0n) : gas;
  if (gas > runState.gasLeft) {
    const fault = faultOfGas(runState, op);
    // A price that geth cannot work out is none.
    fail(fault === OUT_OF_GAS ? cost : fixed, fault);
    return gas;
  }
  frame.step = hooks.onFault === undefined && hooks.onOpcode === undefined
    ? undefined
    : describe(cost);
  if (frame.step !== undefined) hooks.onOpcode?.(frame.step);
  return gas;
}

/** geth has counted what a SELFDESTRUCT gives back before it runs, the library afterwards. */
function refundAt({ gasRefund, interpreter, env }: LibraryRunState, op: number): bigint {
  if (op !== OPCODES.selfdestruct) return gasRefund;
  const { common, _result: { selfdestruct } } = interpreter;
  if (common.gteHardfork("london")) return gasRefund;
  const isFirst = !selfdestruct.has(env.address.toString());
  return isFirst ? gasRefund + SELFDESTRUCT_REFUND : gasRefund;
}

interface OpcodeRun {
  readonly runState: LibraryRunState;
  readonly common: unknown;
}

function runOpcode(entry: OpcodeEntry, watcher: Watcher, { runState, common }: OpcodeRun): void {
  try {
    entry.opHandler(runState, common);
  } catch (error) {
    tellFault(error, watcher, runState);
    throw error;
  }
  tellLog(runState, watcher);
}

async function runAsyncOpcode(
  entry: OpcodeEntry,
  watcher: Watcher,
  { runState, common }: OpcodeRun,
): Promise<void> {
  const op = runState.opCode;
  const child = describeChild(runState, op);
  if (child !== undefined) watcher.setPending(child);
  const balanceWei = runState.env.contract.balance;
  const destination = op === OPCODES.selfdestruct ? runState.stack.peek(1)[0] : undefined;
  try {
    await entry.opHandler(runState, common);
  } catch (error) {
    watcher.takePending();
    if (destination !== undefined && isStop(error)) {
      tellDestruction(watcher, runState, { destination, balanceWei });
    } else tellFault(error, watcher, runState);
    throw error;
  }
  const missed = child === undefined ? undefined : watcher.takePending();
  if (missed !== undefined) tellMissed(missed, watcher);
  tellLog(runState, watcher);
}

/** A call or creation that the library refused before it began. */
function tellMissed({ frame, gas }: ChildCall, { hooks }: Watcher): void {
  hooks.onEnter?.({ ...frame, gas });
  hooks.onExit?.({
    depth: frame.depth,
    output: EMPTY_BYTES,
    gasUsed: 0n,
    error: frame.depth > MAX_CALL_DEPTH
      ? "max call depth exceeded"
      : "insufficient balance for transfer",
    isReverted: true,
  });
}

function tellDestruction(
  { hooks }: Watcher,
  { env }: LibraryRunState,
  { destination, balanceWei }: { readonly destination: bigint; readonly balanceWei: bigint },
): void {
  const depth = env.depth + 1;
  hooks.onEnter?.({
    kind: "SELFDESTRUCT",
    depth,
    from: bytesToAddress(env.address.bytes),
    to: wordToAddress(destination),
    input: EMPTY_BYTES,
    gas: 0n,
    valueWei: balanceWei,
  });
  hooks.onExit?.({
    depth,
    output: EMPTY_BYTES,
    gasUsed: 0n,
    error: undefined,
    isReverted: false,
  });
}

function tellFault(error: unknown, watcher: Watcher, runState: LibraryRunState): void {
  if (!isEvmError(error) || isStop(error) || error.error === EVMError.errorMessages.REVERT) {
    return;
  }
  const frame = watcher.currentFrame();
  const fault = faultOfOpcode(error.error, runState.opCode);
  frame.fault = fault;
  const { step } = frame;
  if (step !== undefined) watcher.hooks.onFault?.(step, fault);
}

function tellLog(runState: LibraryRunState, watcher: Watcher): void {
  const op = runState.opCode;
  if (op < OPCODES.log0 || op > OPCODES.log4) return;
  const log = runState.interpreter._result.logs.at(-1);
  assert(log !== undefined, "an opcode for logs leaves one");
  const index = watcher.nextLogIndex();
  for (const told of toEventLogs([log])) watcher.hooks.onLog?.(told, index);
}

function describeStep(
  runState: LibraryRunState,
  place: {
    readonly op: number;
    readonly cost: bigint;
    readonly refund: bigint;
    readonly memoryWords: number;
  },
): OpcodeStep {
  const { stack, env } = runState;
  const memorySizeBytes = 32 * place.memoryWords;
  return {
    pc: runState.programCounter,
    op: place.op,
    gas: runState.gasLeft,
    cost: place.cost,
    depth: env.depth + 1,
    refund: place.refund,
    address: bytesToAddress(env.address.bytes),
    stack: {
      length: stack.length,
      peek: (depth) => stack._store[stack.length - 1 - depth] ?? 0n,
    },
    memorySizeBytes,
    memory: () => readMemory(runState.memory._store, memorySizeBytes),
    returnData: () => runState.returnBytes,
  };
}

/** The library's memory grows in larger pieces than the EVM's, and may not be as long yet. */
function readMemory(store: Uint8Array, sizeBytes: number): Uint8Array {
  if (store.length >= sizeBytes) return store.subarray(0, sizeBytes);
  const memory = new Uint8Array(sizeBytes);
  memory.set(store);
  return memory;
}

function isEvmError(error: unknown): error is EVMError {
  return error instanceof EVMError;
}

function isStop(error: unknown): boolean {
  return isEvmError(error) && error.error === EVMError.errorMessages.STOP;
}
