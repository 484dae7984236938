/**
 * The tracers by the names that geth gave them.
 *
 * Owns the list and the refusal of names that are not on it. Does not own any tracer.
 * @module
 */
import { refusal, RPC_CODES } from "../errors.ts";
import { createCallTracer } from "./call_tracer.ts";
import { createErc7562Tracer } from "./erc7562_tracer.ts";
import { createFlatCallTracer } from "./flat_call_tracer.ts";
import { createFourByteTracer } from "./four_byte_tracer.ts";
import { createKeccak256PreimageTracer } from "./keccak256_preimage_tracer.ts";
import { createMuxTracer } from "./mux_tracer.ts";
import { createNoopTracer } from "./noop_tracer.ts";
import { createPrestateTracer } from "./prestate_tracer.ts";
import type { Tracer, TracerContext } from "./tracer.ts";

type Factory = (config: unknown, context: TracerContext) => Tracer;

const FACTORIES: ReadonlyMap<string, Factory> = new Map<string, Factory>([
  ["callTracer", createCallTracer],
  ["flatCallTracer", createFlatCallTracer],
  ["prestateTracer", createPrestateTracer],
  ["4byteTracer", createFourByteTracer],
  ["noopTracer", createNoopTracer],
  ["keccak256PreimageTracer", createKeccak256PreimageTracer],
  ["erc7562Tracer", createErc7562Tracer],
  ["muxTracer", (config, context) => createMuxTracer(config, context, createTracer)],
]);

/** Names that `tracer` of a request may have. */
export const TRACER_NAMES: readonly string[] = [...FACTORIES.keys()];

/**
 * The tracer `name` with its `tracerConfig`.
 *
 * @throws RpcError `TRACER_UNKNOWN`, and -32602 for options that it does not understand.
 */
export function createTracer(name: string, config: unknown, context: TracerContext): Tracer {
  const factory = FACTORIES.get(name);
  if (factory === undefined) throw unknownTracer();
  return factory(config, context);
}

/** geth runs any other text as a script; this chain runs no scripts of its clients. */
function unknownTracer() {
  return refusal(
    RPC_CODES.serverError,
    "TRACER_UNKNOWN",
    "tracer not found",
    `Use one of ${TRACER_NAMES.join(", ")}, or leave "tracer" away; ` +
      "tracers in JavaScript are not supported.",
  );
}
