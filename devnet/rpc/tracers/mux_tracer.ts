/**
 * geth's `muxTracer`: several tracers in one run.
 *
 * Owns handing each hook on, and the answer by name. Does not own the list of tracers.
 * @module
 */
import type { TraceHooks } from "../../../core/vm/trace.ts";
import { isRecord, wrong } from "../schema.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

/** Makes the tracer of a name, or throws. */
export type TracerFactory = (name: string, config: unknown, context: TracerContext) => Tracer;

/** `muxTracer`: its configuration has the configuration of each tracer under its name. */
export function createMuxTracer(
  config: unknown,
  context: TracerContext,
  createTracer: TracerFactory,
): Tracer {
  const given = config ?? {};
  if (!isRecord(given)) {
    throw wrong("tracerConfig", "an object of tracers and their options", given);
  }
  const tracers = Object.entries(given).map(([name, options]) => ({
    name,
    tracer: createTracer(name, options, context),
  }));
  return {
    hooks: joinHooks(tracers.map(({ tracer }) => tracer.hooks)),
    result: async (run) => {
      const results: Record<string, unknown> = {};
      for (const { name, tracer } of tracers) results[name] = await tracer.result(run);
      return results;
    },
  };
}

/** Only hooks that somebody listens to are there: the others would cost and tell nobody. */
function joinHooks(all: readonly TraceHooks[]): TraceHooks {
  const enters = all.flatMap((hooks) => hooks.onEnter === undefined ? [] : [hooks.onEnter]);
  const exits = all.flatMap((hooks) => hooks.onExit === undefined ? [] : [hooks.onExit]);
  const opcodes = all.flatMap((hooks) => hooks.onOpcode === undefined ? [] : [hooks.onOpcode]);
  const faults = all.flatMap((hooks) => hooks.onFault === undefined ? [] : [hooks.onFault]);
  const logs = all.flatMap((hooks) => hooks.onLog === undefined ? [] : [hooks.onLog]);
  return {
    ...(enters.length === 0 ? {} : { onEnter: (frame) => enters.forEach((hook) => hook(frame)) }),
    ...(exits.length === 0 ? {} : { onExit: (end) => exits.forEach((hook) => hook(end)) }),
    ...(opcodes.length === 0 ? {} : { onOpcode: (step) => opcodes.forEach((hook) => hook(step)) }),
    ...(faults.length === 0
      ? {}
      : { onFault: (step, error) => faults.forEach((hook) => hook(step, error)) }),
    ...(logs.length === 0
      ? {}
      : { onLog: (log, index) => logs.forEach((hook) => hook(log, index)) }),
  };
}
