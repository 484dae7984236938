/**
 * Runs a message, throws its changes away and shows what it did.
 * @module
 */
import type { ChainBackend, TraceTarget } from "../../chain.ts";
import { refusal, RPC_CODES } from "../../errors.ts";
import { ANY_JSON } from "../../json_schema.ts";
import { chainMethod } from "../../method.ts";
import { blockOverrides, resolveCallPlace, stateOverrides } from "../../overrides.ts";
import {
  blockReference,
  LATEST,
  object,
  optional,
  param,
  quantity,
  type Schema,
  withDefault,
} from "../../schema.ts";
import { runTraces } from "../../tracers/run_trace.ts";
import { type TraceConfig, traceConfig } from "../../tracers/trace_config.ts";
import { requireNumber } from "../../tracers/trace_target.ts";
import { assertOfChain, toCallRequest, transactionRequest } from "../../transaction_request.ts";

const placeFields = object({
  stateOverrides: optional(stateOverrides),
  blockOverrides: optional(blockOverrides),
  txIndex: optional(quantity(32)),
});

interface TraceCallConfig {
  readonly trace: TraceConfig;
  readonly place: ReturnType<typeof placeFields.parse>;
}

const traceCallConfig: Schema<TraceCallConfig> = {
  isOptional: true,
  json: {
    type: "object",
    properties: { ...traceConfig.json?.properties, ...placeFields.json?.properties },
  },
  parse: (value, path) => ({
    trace: traceConfig.parse(value, path),
    place: placeFields.parse(value ?? {}, path),
  }),
};

/** `debug_traceCall`, with geth's tracers, overrides and `txIndex`. */
export const debugTraceCall = chainMethod({
  name: "debug_traceCall",
  summary: "Runs a message, throws its changes away and shows what it did",
  params: [
    param("transaction", transactionRequest),
    param("block", withDefault(blockReference, LATEST)),
    param("config", traceCallConfig),
  ],
  result: ANY_JSON,
  handler: async ({ chain }, [request, block, { trace, place }]) => {
    assertOfChain(chain, request);
    const number = await requireNumber(chain, block);
    const { overrides } = await resolveCallPlace(chain, { kind: "number", number }, {
      state: place.stateOverrides,
      block: place.blockOverrides,
    });
    const target: TraceTarget = {
      kind: "call",
      request: toCallRequest(request),
      overrides,
      ...await placeOf(chain, number, place.txIndex),
    };
    const [traced] = await runTraces(chain, target, trace);
    return traced?.result;
  },
});

/** Before transaction `txIndex` of the block, or after the whole of it. */
async function placeOf(chain: ChainBackend, number: bigint, txIndex: bigint | undefined) {
  if (txIndex === undefined) return { number };
  const block = await chain.block(number);
  const index = Number(txIndex);
  const count = block?.transactions.length ?? 0;
  if (block === undefined || number === 0n || index >= Math.max(count, 1)) {
    throw refusal(
      RPC_CODES.serverError,
      "TRANSACTION_NOT_FOUND",
      `transaction index ${txIndex} out of range for block ${block?.header.hash ?? number}`,
      `The block has ${count} transactions; leave txIndex away for the state after it.`,
    );
  }
  return { number: number - 1n, index };
}
