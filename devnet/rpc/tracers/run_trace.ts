/**
 * Runs a tracer over a block, a transaction or a call of a chain.
 *
 * Owns the way from a request to its traces, with the bounds of both. Does not own the repetition
 * (each chain's tracing) or tracers.
 * @module
 */
import type { Address } from "../../../core/primitives/hex.ts";
import type { Authorization } from "../../../core/types/tx.ts";
import { recoverAuthority } from "../../../core/vm/authorizations.ts";
import type { ChainBackend, ChainTransaction, TraceTarget } from "../chain.ts";
import { refusal, RPC_CODES, type RpcError } from "../errors.ts";
import { MAX_TRACE_BYTES, MAX_TRACE_TIMEOUT_MS } from "../limits.ts";
import { createTracer } from "./registry.ts";
import { createStructLogger } from "./struct_logger.ts";
import type { TraceConfig } from "./trace_config.ts";
import { createTraceBudget, type TraceBudget, type TracedMessage, withDeadline } from "./tracer.ts";

/** The trace of one transaction, or of a call. */
export interface Trace {
  /** Absent for a call. */
  readonly transaction: ChainTransaction | undefined;
  readonly result: unknown;
}

/**
 * The traces of `target`, in order.
 *
 * @throws RpcError `TRACING_UNAVAILABLE`, `TRACER_UNKNOWN`, `TRACE_TOO_LARGE`, `TRACE_TIMEOUT`.
 */
export async function runTraces(
  chain: ChainBackend,
  target: TraceTarget,
  config: TraceConfig,
): Promise<readonly Trace[]> {
  const { tracing } = chain;
  if (tracing === undefined) throw untraceable(chain);
  const budget = createTraceBudget({
    maxBytes: MAX_TRACE_BYTES,
    timeoutMs: config.timeoutMs,
    maxTotalMs: MAX_TRACE_TIMEOUT_MS,
  }, () => performance.now());
  const firstLogIndexes = await readFirstLogIndexes(chain, target);
  const traces: Trace[] = [];
  await tracing.trace(target, (transaction) => {
    budget.restart();
    const index = transaction?.position?.index ??
      (target.kind === "call" ? target.index ?? 0 : 0);
    const message = transaction === undefined
      ? callMessage(target, chain.chainId)
      : toMessage(transaction, chain.chainId);
    const tracer = openTracer(config, budget, {
      ...message,
      firstLogIndex: firstLogIndexes[index] ?? 0,
    });
    return {
      hooks: withDeadline(tracer.hooks, budget),
      onEnd: async (run) => {
        traces.push({ transaction, result: await tracer.result(run) });
      },
    };
  });
  return traces;
}

type Message = Omit<TracedMessage, "firstLogIndex">;

function openTracer(config: TraceConfig, budget: TraceBudget, message: TracedMessage) {
  const context = { message, budget };
  return config.tracer === undefined
    ? createStructLogger(config.options, context)
    : createTracer(config.tracer, config.options, context);
}

/** Logs count within a block, so that a trace's begin where the transaction's do. */
async function readFirstLogIndexes(
  chain: ChainBackend,
  target: TraceTarget,
): Promise<readonly number[]> {
  if (target.kind === "call" && target.index === undefined) return [];
  const number = target.kind === "block"
    ? target.number
    : target.kind === "transaction"
    ? target.blockNumber
    : target.number + 1n;
  return (await chain.receipts(number)).map(({ firstLogIndex }) => firstLogIndex);
}

function toMessage({ tx, sender }: ChainTransaction, chainId: bigint): Message {
  return {
    from: sender,
    to: tx.to,
    gasLimit: tx.gasLimit,
    authorities: listAuthorities(tx.authorizations, chainId),
  };
}

function callMessage(target: TraceTarget, chainId: bigint): Message {
  if (target.kind !== "call") throw new TypeError("only calls have no transaction");
  const { from, to, gasLimit, authorizations } = target.request;
  return { from, to, gasLimit, authorities: listAuthorities(authorizations, chainId) };
}

function listAuthorities(
  authorizations: readonly Authorization[],
  chainId: bigint,
): readonly Address[] {
  return authorizations.flatMap((authorization) => {
    const authority = recoverAuthority(authorization, chainId);
    return authority === undefined ? [] : [authority];
  });
}

function untraceable({ layer }: ChainBackend): RpcError {
  return refusal(
    RPC_CODES.serverError,
    "TRACING_UNAVAILABLE",
    `tracing is not available on this ${layer}`,
    "Ask a chain that can run its blocks again.",
  );
}
