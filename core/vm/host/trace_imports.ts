/**
 * The imports of the tracing build: what the program tells becomes hooks (`../trace.ts`).
 *
 * Owns reading frames, steps and logs out of the program's memory. Does not own who watches, or the
 * words of failures (`trace_words.ts`).
 * @module
 */
import { assert } from "../../primitives/errors.ts";
import { type Address, bytesToAddress } from "../../primitives/hex.ts";
import * as layout from "../assembly/layout.ts";
import type { FrameEnd, FrameKind, OpcodeStep, StackView, TraceHooks } from "../trace.ts";
import type { MemoryView } from "./memory_view.ts";
import { decodeLog } from "./results.ts";
import { describeFault, exceptionWords, precompileWords } from "./trace_words.ts";

/** Lets somebody watch the runs of one instance. */
export interface TraceRelay {
  readonly imports: Record<string, WebAssembly.ImportValue>;
  /** Everything from here on goes to `hooks`; to nobody when `undefined`. */
  watch(hooks: TraceHooks | undefined): void;
  /** The run has ended, with this exception of the whole transaction. */
  end(exception: number): void;
}

const KINDS: Readonly<Record<number, FrameKind>> = {
  0xf0: "CREATE",
  0xf1: "CALL",
  0xf2: "CALLCODE",
  0xf4: "DELEGATECALL",
  0xf5: "CREATE2",
  0xfa: "STATICCALL",
  0xff: "SELFDESTRUCT",
};

/** A frame that has begun. */
interface OpenFrame {
  readonly gas: bigint;
  readonly precompile: number;
  readonly input: Uint8Array;
}

/** A relay over the memory that `view` gives. */
export function createTraceRelay(view: () => MemoryView): TraceRelay {
  let hooks: TraceHooks = {};
  let frames: OpenFrame[] = [];
  let logCount = 0;
  let faultWords: string | undefined;
  /** The end of the message: only the charge for pubdata after it says what it came to. */
  let lastEnd: FrameEnd | undefined;
  let lastAccount = 0;
  let lastAddress: Address | undefined;
  const readAddress = (word: number): Address => {
    if (word === lastAccount && lastAddress !== undefined) return lastAddress;
    lastAddress = bytesToAddress(view().read(word, 20).reverse());
    lastAccount = word;
    return lastAddress;
  };
  const step = (
    op: number,
    pc: number,
    gas: bigint,
    cost: bigint,
    place: StepPlace,
  ): OpcodeStep => ({
    op,
    pc,
    gas,
    cost,
    depth: place.depth,
    refund: place.refund,
    address: readAddress(place.account),
    stack: stackView(view(), place.stack, place.stackLength),
    memorySizeBytes: place.memoryBytes,
    memory: () => view().bytes().subarray(place.memory, place.memory + place.memoryBytes),
    returnData: () => {
      const start = layout.RETURN_DATA_BASE;
      return view().bytes().subarray(start, start + place.returnDataLength);
    },
  });
  return {
    imports: {
      trace_enter: (
        op: number,
        depth: number,
        from: number,
        to: number,
        input: number,
        inputLength: number,
        gas: bigint,
        value: number,
      ) => {
        lastAccount = 0;
        const kind = KINDS[op];
        assert(kind !== undefined, "frames are opened by opcodes that open frames");
        const memory = view();
        const data = memory.read(input, inputLength);
        // Precompiles are the only accounts with so short a number.
        const number = memory.limbs(to) & ((1n << 160n) - 1n);
        const precompile = number <= 0x100n ? Number(number) : 0;
        frames.push({ gas, precompile, input: precompile === 0 ? NOTHING : data });
        hooks.onEnter?.({
          kind,
          depth,
          from: readAddress(from),
          to: readAddress(to),
          input: data,
          gas,
          valueWei: value === 0 ? undefined : memory.limbs(value),
        });
      },
      trace_exit: (
        depth: number,
        output: number,
        outputLength: number,
        gasLeft: bigint,
        exception: number,
      ) => {
        const frame = frames.pop();
        assert(frame !== undefined, "a frame that ends has begun");
        const words = exception === layout.EXCEPTION_PRECOMPILE
          ? precompileWords(frame.precompile, frame.input, frame.gas)
          : isStepFailure(exception)
          ? faultWords ?? exceptionWords(exception)
          : exceptionWords(exception);
        faultWords = undefined;
        const end: FrameEnd = {
          depth,
          output: view().read(output, outputLength),
          gasUsed: frame.gas - gasLeft,
          error: words,
          isReverted: exception !== layout.EXCEPTION_NONE,
        };
        if (frames.length === 0) lastEnd = end;
        else hooks.onExit?.(end);
      },
      trace_opcode: (
        op: number,
        pc: number,
        gas: bigint,
        cost: bigint,
        depth: number,
        refund: bigint,
        account: number,
        stack: number,
        stackLength: number,
        memory: number,
        memoryBytes: number,
        returnDataLength: number,
      ) => {
        if (hooks.onOpcode === undefined) return;
        hooks.onOpcode(
          step(op, pc, gas, cost, {
            depth,
            refund,
            account,
            stack,
            stackLength,
            memory,
            memoryBytes,
            returnDataLength,
          }),
        );
      },
      trace_fault: (
        op: number,
        pc: number,
        gas: bigint,
        depth: number,
        refund: bigint,
        account: number,
        stack: number,
        stackLength: number,
        memory: number,
        memoryBytes: number,
        returnDataLength: number,
        exception: number,
        isTold: number,
      ) => {
        const place = {
          depth,
          refund,
          account,
          stack,
          stackLength,
          memory,
          memoryBytes,
          returnDataLength,
        };
        const { error, cost, hasRun } = describeFault({
          op,
          gas,
          stack: stackView(view(), stack, stackLength),
          memorySizeBytes: memoryBytes,
          exception,
        });
        faultWords = error;
        const failed = step(op, pc, gas, cost, place);
        if (isTold === 0 && hasRun) hooks.onOpcode?.(failed);
        hooks.onFault?.(failed, error);
      },
      trace_log: (log: number, sizeBytes: number) => {
        hooks.onLog?.(decodeLog(view().read(log, sizeBytes)), logCount);
        logCount++;
      },
    },
    watch: (watcher) => {
      hooks = watcher ?? {};
      frames = [];
      logCount = 0;
      faultWords = undefined;
      lastEnd = undefined;
      lastAccount = 0;
    },
    end: (exception) => {
      const end = lastEnd;
      lastEnd = undefined;
      if (end === undefined) return;
      const isUnpaid = exception === layout.EXCEPTION_OUT_OF_GAS_FOR_PUBDATA;
      hooks.onExit?.(
        isUnpaid
          ? { ...end, output: NOTHING, error: exceptionWords(exception), isReverted: true }
          : end,
      );
    },
  };
}

const NOTHING = new Uint8Array(0);

/** Where a step stands in memory. */
interface StepPlace {
  readonly depth: number;
  readonly refund: bigint;
  readonly account: number;
  readonly stack: number;
  readonly stackLength: number;
  readonly memory: number;
  readonly memoryBytes: number;
  readonly returnDataLength: number;
}

/** `end` is one past the top word. */
function stackView(memory: MemoryView, end: number, length: number): StackView {
  return {
    length,
    peek: (depth) => depth < length ? memory.limbs(end - (depth + 1) * layout.WORD_BYTES) : 0n,
  };
}

/** Whether an opcode failed, rather than what was around its frame. */
function isStepFailure(exception: number): boolean {
  return exception >= layout.EXCEPTION_OUT_OF_GAS &&
      exception <= layout.EXCEPTION_RETURN_DATA_BOUNDS ||
    exception === layout.EXCEPTION_INIT_CODE_SIZE;
}
