/**
 * geth's `callTracer`: the tree of calls, with their logs when asked for.
 *
 * Owns the shape of a call frame. Does not own what a frame is (`core/vm/trace.ts`).
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import { bytesToHex } from "../../../core/primitives/hex.ts";
import type { FrameEnd, FrameStart } from "../../../core/vm/trace.ts";
import type { EventLog } from "../../../core/types/receipt.ts";
import { revertReason } from "../errors.ts";
import { formatQuantity } from "../format.ts";
import { boolean, object, withDefault } from "../schema.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

/** A log of a frame; `position` counts the calls that the frame made before it. */
interface CallLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly index: string;
  readonly position: string;
}

/** A frame under construction, in the order of geth's fields. */
interface CallFrame {
  readonly start: FrameStart;
  readonly input: string;
  readonly gas: bigint;
  gasUsed: bigint;
  output: string | undefined;
  error: string | undefined;
  revertReason: string | undefined;
  hasFailed: boolean;
  isCreationUndone: boolean;
  readonly calls: CallFrame[];
  readonly logs: CallLog[];
}

/** Bytes of JSON that a frame takes besides its data. */
const FRAME_BYTES = 300;
/** Bytes of JSON that a log takes besides its data. */
const LOG_BYTES = 500;
const REVERTED = "execution reverted";

const configSchema = object({
  onlyTopCall: withDefault(boolean, false),
  withLog: withDefault(boolean, false),
});

/** `callTracer` with `onlyTopCall` and `withLog`. */
export function createCallTracer(config: unknown, { message, budget }: TracerContext): Tracer {
  const { onlyTopCall, withLog } = configSchema.parse(config ?? {}, "tracerConfig");
  const stack: CallFrame[] = [];
  let top: CallFrame | undefined;
  let depth = 0;
  let logCount = message.firstLogIndex;
  /** Log count before each open frame: one that is taken back takes its logs back, shown or not. */
  const counts: number[] = [];

  const enter = (start: FrameStart): void => {
    depth = start.depth;
    counts.push(logCount);
    if (onlyTopCall && start.depth > 0) return;
    budget.spend(FRAME_BYTES + 2 * start.input.length);
    const frame = openFrame(start, start.depth === 0 ? message.gasLimit : start.gas);
    top ??= frame;
    stack.push(frame);
  };
  const exit = (end: FrameEnd): void => {
    const countBefore = counts.pop() ?? logCount;
    if (end.isReverted) logCount = countBefore;
    depth = end.depth - 1;
    if (onlyTopCall && end.depth > 0) return;
    const frame = stack.pop();
    assert(frame !== undefined, "a frame ends after it began");
    budget.spend(2 * end.output.length);
    closeFrame(frame, end);
    stack.at(-1)?.calls.push(frame);
  };
  const log = ({ address, topics, data }: EventLog): void => {
    const index = logCount++;
    const frame = stack.at(-1);
    if (!withLog || frame === undefined || (onlyTopCall && depth > 0)) return;
    budget.spend(LOG_BYTES + 2 * data.length);
    frame.logs.push({
      address,
      topics: [...topics],
      data: bytesToHex(data),
      index: formatQuantity(index),
      position: formatQuantity(frame.calls.length),
    });
  };
  return {
    hooks: { onEnter: enter, onExit: exit, onLog: log },
    result: (run) => {
      assert(top !== undefined && stack.length === 0, "a run has exactly one outermost frame");
      top.gasUsed = run.gasUsed;
      return Promise.resolve(frameToJson(top, false));
    },
  };
}

function openFrame(start: FrameStart, gas: bigint): CallFrame {
  return {
    start,
    input: bytesToHex(start.input),
    gas,
    gasUsed: 0n,
    output: undefined,
    error: undefined,
    revertReason: undefined,
    hasFailed: false,
    isCreationUndone: false,
    calls: [],
    logs: [],
  };
}

function closeFrame(frame: CallFrame, { output, gasUsed, error, isReverted }: FrameEnd): void {
  frame.gasUsed = gasUsed;
  // Before Homestead a creation that cannot pay for its code is none, but nothing is taken back.
  if (error === undefined || !isReverted) {
    if (output.length > 0) frame.output = bytesToHex(output);
    return;
  }
  frame.error = error;
  frame.hasFailed = true;
  frame.isCreationUndone = frame.start.kind === "CREATE" || frame.start.kind === "CREATE2";
  if (error !== REVERTED || output.length === 0) return;
  frame.output = bytesToHex(output);
  frame.revertReason = revertReason(output);
}

/** Logs of a frame that failed, or whose caller did, were never emitted. */
function frameToJson(frame: CallFrame, hasParentFailed: boolean): Record<string, unknown> {
  const { start } = frame;
  const hasFailed = frame.hasFailed || hasParentFailed;
  const calls = frame.calls.map((call) => frameToJson(call, hasFailed));
  return {
    from: start.from,
    gas: formatQuantity(frame.gas),
    gasUsed: formatQuantity(frame.gasUsed),
    ...(frame.isCreationUndone ? {} : { to: start.to }),
    input: frame.input,
    ...(frame.output === undefined ? {} : { output: frame.output }),
    ...(frame.error === undefined ? {} : { error: frame.error }),
    ...(frame.revertReason === undefined || frame.revertReason === ""
      ? {}
      : { revertReason: frame.revertReason }),
    ...(calls.length === 0 ? {} : { calls }),
    ...(hasFailed || frame.logs.length === 0 ? {} : { logs: frame.logs }),
    ...(start.valueWei === undefined ? {} : { value: formatQuantity(start.valueWei) }),
    type: start.kind,
  };
}
