/**
 * geth's `flatCallTracer`: the calls as a list with their places in the tree, in Parity's shape.
 *
 * Owns the list. The tree is the one of `callTracer`.
 * @module
 */
import type { Address } from "../../../core/primitives/hex.ts";
import { assert } from "../../../core/primitives/errors.ts";
import type { TracedRun } from "../chain.ts";
import { boolean, isRecord, object, withDefault } from "../schema.ts";
import { createCallTracer } from "./call_tracer.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

const configSchema = object({
  convertParityErrors: withDefault(boolean, false),
  includePrecompiles: withDefault(boolean, false),
});

type Frame = Readonly<Record<string, unknown>>;

/** What does not change from one entry of a list to the next. */
interface Listing {
  readonly run: TracedRun;
  readonly convertParityErrors: boolean;
  readonly includePrecompiles: boolean;
}

const REVERTED = "execution reverted";
/** Parity's words for geth's. */
const PARITY_ERRORS: ReadonlyMap<string, string> = new Map([
  ["contract creation code storage out of gas", "Out of gas"],
  ["out of gas", "Out of gas"],
  ["gas uint64 overflow", "Out of gas"],
  ["max code size exceeded", "Out of gas"],
  ["invalid jump destination", "Bad jump destination"],
  [REVERTED, "Reverted"],
  ["return data out of bounds", "Out of bounds"],
  ["stack limit reached 1024 (1023)", "Out of stack"],
  ["precompiled failed", "Built-in failed"],
  ["invalid input length", "Built-in failed"],
]);
/** The same for words that go on. */
const PARITY_PREFIXES: readonly (readonly [geth: string, parity: string])[] = [
  ["out of gas:", "Out of gas"],
  ["invalid opcode:", "Bad instruction"],
  ["stack underflow", "Stack underflow"],
];

/** `flatCallTracer` with `convertParityErrors` and `includePrecompiles`. */
export function createFlatCallTracer(config: unknown, context: TracerContext): Tracer {
  const options = configSchema.parse(config ?? {}, "tracerConfig");
  const { hooks, result } = createCallTracer({}, context);
  return {
    hooks,
    result: async (run) => {
      const top = await result(run);
      assert(isRecord(top), "the outermost frame is an object");
      return flatten(top, [], { run, ...options });
    },
  };
}

function flatten(frame: Frame, traceAddress: readonly number[], listing: Listing): Frame[] {
  const calls = callsOf(frame, listing);
  const { transaction } = listing.run;
  const { error, ...shape } = shapeOf(frame, listing.convertParityErrors);
  return [
    {
      ...shape,
      blockHash: transaction?.position?.blockHash ?? null,
      blockNumber: Number(transaction?.position?.blockNumber ?? 0n),
      ...(error === undefined ? {} : { error }),
      subtraces: calls.length,
      traceAddress,
      transactionHash: transaction?.hash ?? null,
      transactionPosition: transaction?.position?.index ?? 0,
    },
    ...calls.flatMap((call, index) => flatten(call, [...traceAddress, index], listing)),
  ];
}

/** Parity does not tell of calls to precompiles. */
function callsOf({ calls }: Frame, { run, includePrecompiles }: Listing): readonly Frame[] {
  const all = Array.isArray(calls) ? calls.filter(isRecord) : [];
  if (includePrecompiles) return all;
  const precompiles: ReadonlySet<unknown> = new Set<Address>(run.rules.precompiles);
  return all.filter(({ type, to }) =>
    (type !== "CALL" && type !== "STATICCALL") || !precompiles.has(to)
  );
}

function shapeOf(frame: Frame, convertParityErrors: boolean) {
  const { error, from, to, type } = frame;
  if (type === "SELFDESTRUCT") {
    const action = { address: from, balance: frame.value, refundAddress: to };
    return { type: "suicide", action, error: undefined };
  }
  // What a revert returns says why; what other failures return says nothing.
  const hasResult = error === undefined || error === REVERTED;
  const { action, result } = describe(frame);
  return {
    type: isCreation(frame) ? "create" : "call",
    action,
    ...(hasResult ? { result } : {}),
    error: typeof error === "string" && convertParityErrors ? toParityError(error) : error,
  };
}

function describe(frame: Frame) {
  const { from, to, gas, gasUsed, input, output = "0x", value = "0x0", type } = frame;
  const method = String(type).toLowerCase();
  if (isCreation(frame)) {
    return {
      action: { creationMethod: method, from, gas, init: input, value },
      result: { ...(to === undefined ? {} : { address: to }), code: output, gasUsed },
    };
  }
  return {
    action: { callType: method, from, gas, input, to, value },
    result: { gasUsed, output },
  };
}

function isCreation({ type }: Frame): boolean {
  return type === "CREATE" || type === "CREATE2";
}

function toParityError(error: string): string {
  return PARITY_ERRORS.get(error) ??
    PARITY_PREFIXES.find(([prefix]) => error.startsWith(prefix))?.[1] ?? error;
}
