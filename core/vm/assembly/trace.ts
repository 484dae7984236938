/**
 * What the tracing build of the program tells its host: frames, opcodes, logs.
 *
 * The same sources are compiled twice (`tests/tools/build_wasm.ts`): with TRACE 0 nothing of this
 * file is in the module, which is the one that is hashed and proven; with TRACE 1 the module calls
 * the imports below. Every use stands behind `if (TRACE)`, so that the proven module pays nothing.
 *
 * An opcode is told when its price is known and nothing of it has happened but that its memory may
 * be longer already: the host is told how long it was.
 */
import {
  depth,
  FRAME_ACCOUNT,
  FRAME_CODE,
  FRAME_MEMORY,
  FRAME_MEMORY_BYTES,
  FRAME_STACK,
  getField,
  returnDataLength,
  STACK_BIAS,
} from "./frames";
import { refundCounter } from "./refund";

/** A call or creation begins; words are LE, `value` 0 where there is none. */
@external("env", "trace_enter")
declare function hostEnter(
  opcode: i32,
  depth: u32,
  from: usize,
  to: usize,
  input: usize,
  inputLength: u32,
  gas: i64,
  value: usize,
): void;

/** The one that began last and has not ended yet ends. */
@external("env", "trace_exit")
declare function hostExit(
  depth: u32,
  output: usize,
  outputLength: u32,
  gasLeft: i64,
  exception: i32,
): void;

/** An opcode with its price; `stack` is one past its top word. */
@external("env", "trace_opcode")
declare function hostOpcode(
  opcode: i32,
  pc: u32,
  gas: i64,
  cost: i64,
  depth: u32,
  refund: i64,
  account: usize,
  stack: usize,
  stackLength: u32,
  memory: usize,
  memoryBytes: u32,
  returnDataLength: u32,
): void;

/** An opcode that fails; `isTold` says whether `trace_opcode` told it before. */
@external("env", "trace_fault")
declare function hostFault(
  opcode: i32,
  pc: u32,
  gas: i64,
  depth: u32,
  refund: i64,
  account: usize,
  stack: usize,
  stackLength: u32,
  memory: usize,
  memoryBytes: u32,
  returnDataLength: u32,
  exception: i32,
  isTold: i32,
): void;

/** A log, in the layout of LOG_…. */
@external("env", "trace_log")
declare function hostLog(log: usize, bytes: u32): void;

/** As in `opcodes.ts`, which cannot be imported here: what is imported first moves the data. */
const OP_SELFDESTRUCT: i32 = 0xff;

let stepFrame: usize = 0;
let stepOpcode: i32 = 0;
let stepPc: u32 = 0;
let stepGas: i64 = 0;
let stepStack: usize = 0;
let stepMemoryBytes: u32 = 0;
let stepReturnDataLength: u32 = 0;
let stepDepth: u32 = 0;
let isTold: bool = false;
let logStart: usize = 0;

/** An opcode is next; `s` is the biased stack pointer. */
export function noteStep(frame: usize, opcode: i32, pc: usize, s: usize, gas: i64): void {
  stepFrame = frame;
  stepOpcode = opcode;
  stepPc = <u32> (pc - <usize> getField(frame, FRAME_CODE));
  stepGas = gas;
  stepStack = s;
  stepMemoryBytes = getField(frame, FRAME_MEMORY_BYTES);
  stepReturnDataLength = returnDataLength;
  stepDepth = depth;
  isTold = false;
}

/** The opcode that is next leaves `gasLeft` of the gas, of calls after what they hand on. */
export function traceCost(gasLeft: i64): void {
  isTold = true;
  hostOpcode(
    stepOpcode,
    stepPc,
    stepGas,
    stepGas - gasLeft,
    stepDepth,
    refundCounter(),
    getField(stepFrame, FRAME_ACCOUNT),
    stackTop(),
    stackLength(),
    getField(stepFrame, FRAME_MEMORY),
    stepMemoryBytes,
    stepReturnDataLength,
  );
}

/** The opcode that was next failed. */
export function traceFault(exception: i32): void {
  hostFault(
    stepOpcode,
    stepPc,
    stepGas,
    stepDepth,
    refundCounter(),
    getField(stepFrame, FRAME_ACCOUNT),
    stackTop(),
    stackLength(),
    getField(stepFrame, FRAME_MEMORY),
    stepMemoryBytes,
    stepReturnDataLength,
    exception,
    isTold,
  );
}

/** A frame begins, at the depth that is now. */
export function traceEnter(
  opcode: i32,
  from: usize,
  to: usize,
  input: usize,
  inputLength: u32,
  gas: i64,
  value: usize,
): void {
  hostEnter(opcode, depth, from, to, input, inputLength, gas, value);
}

/** It ends, at the same depth. */
export function traceExit(output: usize, outputLength: u32, gasLeft: i64, exception: i32): void {
  hostExit(depth, output, outputLength, gasLeft, exception);
}

/** SELFDESTRUCT is a frame without code that hands the balance over. */
export function traceSelfdestruct(gasLeft: i64, self: usize, heir: usize, balance: usize): void {
  traceCost(gasLeft);
  hostEnter(OP_SELFDESTRUCT, depth, self, heir, 0, 0, 0, balance);
  hostExit(depth, 0, 0, 0, 0);
}

/** Where the next log begins. */
export function noteLog(start: usize): void {
  logStart = start;
}

/** It is there, and ends at `end`. */
export function traceLog(end: usize): void {
  hostLog(logStart, <u32> (end - logStart));
}

/** One past the top word. */
@inline
function stackTop(): usize {
  return stepStack + STACK_BIAS;
}

export function stackLength(): u32 {
  return <u32> (stepStack - <usize> getField(stepFrame, FRAME_STACK)) / 32;
}
