/**
 * What a client says of a trace that it wants: which tracer, with what, for how long.
 *
 * Owns geth's `TraceConfig`. Does not own running anything (`run_trace.ts`).
 * @module
 */
import { invalidParams } from "../errors.ts";
import { DEFAULT_TRACE_TIMEOUT_MS, MAX_TRACE_TIMEOUT_MS } from "../limits.ts";
import {
  boolean,
  isRecord,
  object,
  optional,
  type Schema,
  text,
  wholeNumber,
  withDefault,
  wrong,
} from "../schema.ts";

/** A trace as a client wants it. */
export interface TraceConfig {
  /** `undefined`: the struct logger. */
  readonly tracer: string | undefined;
  /** What that tracer is to be told; of the struct logger, the options beside it. */
  readonly options: unknown;
  readonly timeoutMs: number;
}

/** Characters of a tracer's name, or of a script that is then refused. */
const MAX_TRACER_LENGTH = 100_000;
const MAX_TIMEOUT_LENGTH = 100;

/** A JSON value of the tracer's own. */
const anything: Schema<unknown> = { parse: (value) => value };

const fields = object({
  tracer: optional(text(MAX_TRACER_LENGTH)),
  tracerConfig: optional(anything),
  timeout: optional(text(MAX_TIMEOUT_LENGTH)),
  // How far back geth may go for a state; every state is here.
  reexec: optional(wholeNumber),
  enableMemory: withDefault(boolean, false),
  disableStack: withDefault(boolean, false),
  disableStorage: withDefault(boolean, false),
  enableReturnData: withDefault(boolean, false),
  limit: withDefault(wholeNumber, 0),
});

/** The configuration of `debug_trace*`; absent is the struct logger as it is. */
export const traceConfig: Schema<TraceConfig> = {
  isOptional: true,
  ...(fields.json === undefined ? {} : { json: fields.json }),
  parse(value, path) {
    const { tracer, tracerConfig, timeout, ...rest } = fields.parse(value ?? {}, path);
    if (tracerConfig !== undefined && tracerConfig !== null && !isRecord(tracerConfig)) {
      throw wrong(`${path}.tracerConfig`, "an object", tracerConfig);
    }
    const timeoutMs = timeout === undefined
      ? DEFAULT_TRACE_TIMEOUT_MS
      : parseDuration(timeout, `${path}.timeout`);
    return {
      tracer: tracer === "" ? undefined : tracer,
      options: tracer === undefined || tracer === "" ? rest : tracerConfig,
      timeoutMs: Math.min(timeoutMs, MAX_TRACE_TIMEOUT_MS),
    };
  },
};

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration as Go writes it, such as `1m30s`. */
function parseDuration(value: string, path: string): number {
  const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/y;
  let durationMs = 0;
  while (part.lastIndex < value.length) {
    const [, digits = "", unit = ""] = part.exec(value) ?? [];
    const unitMs = UNITS_MS[unit];
    if (unitMs === undefined) {
      throw invalidParams(`invalid ${path}: time: invalid duration ${JSON.stringify(value)}`);
    }
    durationMs += Number(digits) * unitMs;
  }
  return durationMs;
}
