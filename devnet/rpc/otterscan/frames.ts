/**
 * The frames of a transaction in order, as Otterscan asks for them in several shapes.
 *
 * Owns collecting them. Does not own shapes (the methods `ots_*`).
 * @module
 */
import { bytesToHex, type Hash32, type Hex } from "../../../core/primitives/hex.ts";
import type { FrameStart } from "../../../core/vm/trace.ts";
import type { ChainBackend, ChainTransaction, TraceTarget } from "../chain.ts";
import { refusal, RPC_CODES } from "../errors.ts";
import { DEFAULT_TRACE_TIMEOUT_MS, MAX_TRACE_BYTES, MAX_TRACE_TIMEOUT_MS } from "../limits.ts";
import { createTraceBudget, withDeadline } from "../tracers/tracer.ts";
import { transactionTarget } from "../tracers/trace_target.ts";

/** A frame that has ended. */
export interface EndedFrame {
  readonly start: Omit<FrameStart, "input">;
  readonly input: Hex;
  output: Hex;
  /** Whether it or a caller of it was taken back. */
  isUndone: boolean;
}

/** A transaction with all that it called. */
export interface FramedTransaction {
  readonly transaction: ChainTransaction | undefined;
  readonly frames: readonly EndedFrame[];
  readonly success: boolean;
  readonly returnData: Uint8Array;
}

/** Bytes that a frame takes besides its data. */
const FRAME_BYTES = 400;

/** The frames of the transaction `hash`. @throws RpcError `transaction not found` */
export async function framesOfTransaction(
  chain: ChainBackend,
  hash: Hash32,
): Promise<FramedTransaction> {
  const [framed] = await collectFrames(chain, await transactionTarget(chain, hash));
  if (framed === undefined) throw new TypeError("a transaction that is traced has a trace");
  return framed;
}

/** The frames of each transaction of `target`. @throws RpcError `TRACING_UNAVAILABLE` */
export async function collectFrames(
  chain: ChainBackend,
  target: TraceTarget,
): Promise<readonly FramedTransaction[]> {
  const { tracing } = chain;
  if (tracing === undefined) {
    throw refusal(
      RPC_CODES.serverError,
      "TRACING_UNAVAILABLE",
      `tracing is not available on this ${chain.layer}`,
      "Ask a chain that can run its blocks again.",
    );
  }
  const budget = createTraceBudget({
    maxBytes: MAX_TRACE_BYTES,
    timeoutMs: DEFAULT_TRACE_TIMEOUT_MS,
    maxTotalMs: MAX_TRACE_TIMEOUT_MS,
  }, () => performance.now());
  const all: FramedTransaction[] = [];
  await tracing.trace(target, (transaction) => {
    budget.restart();
    const frames: EndedFrame[] = [];
    const open: number[] = [];
    const hooks = withDeadline({
      onEnter: ({ input, ...start }) => {
        budget.spend(FRAME_BYTES + 2 * input.length);
        open.push(frames.length);
        frames.push({ start, input: bytesToHex(input), output: "0x", isUndone: false });
      },
      onExit: ({ output, isReverted }) => {
        const first = open.pop() ?? 0;
        budget.spend(2 * output.length);
        const frame = frames[first];
        if (frame !== undefined) frame.output = bytesToHex(output);
        // Every frame since it began is one that it called.
        if (isReverted) { for (const undone of frames.slice(first)) undone.isUndone = true; }
      },
    }, budget);
    return {
      hooks,
      onEnd: ({ success, returnData }) => {
        all.push({ transaction, frames, success, returnData });
        return Promise.resolve();
      },
    };
  });
  return all;
}
