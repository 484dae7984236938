/**
 * `eth_call` and its kin on the L2: messages that run, and say as geth does why they failed.
 *
 * Owns the words of a failure, for which a message runs once more while somebody watches: the proven
 * program only tells what kind of failure it was. Does not own where calls run
 * (`core/pipeline/call.ts`).
 * @module
 */
import { callAt } from "../core/pipeline/call.ts";
import type { Node } from "../core/pipeline/node.ts";
import type { CallRequest } from "../core/vm/executor.ts";
import { callBounds } from "./call_bounds.ts";
import { toAccountPatches, toEnvironmentOverrides } from "./l2_overrides.ts";
import { refusalWords, toRefused } from "./l2_refusals.ts";
import type { CallOverrides, ChainBackend, ChainTracing } from "./rpc/chain.ts";

/** Calls on the states of `node`. */
export function createL2Call(node: Node, tracing: ChainTracing): ChainBackend["call"] {
  return async (request, number, overrides = {}) => {
    const { state, block = {} } = overrides;
    const outcome = await callAt(node, request, number, {
      ...callBounds(),
      ...(state === undefined ? {} : { state: toAccountPatches(state) }),
      environment: toEnvironmentOverrides(block),
    });
    const { exception, invalid } = outcome;
    if (invalid !== undefined) {
      const words = refusalWords(toRefused(request), invalid);
      return { ...outcome, exception: `err: ${words} (supplied gas ${request.gasLimit})` };
    }
    if (exception === undefined || exception === "revert") return outcome;
    return {
      ...outcome,
      explain: () => explain(tracing, { request, number, overrides, exception }),
    };
  };
}

async function explain(
  tracing: ChainTracing,
  { request, number, overrides, exception }: {
    readonly request: CallRequest;
    readonly number: bigint;
    readonly overrides: CallOverrides;
    readonly exception: string;
  },
): Promise<string> {
  let words = exception;
  await tracing.trace({ kind: "call", request, number, overrides }, () => ({
    hooks: {
      onExit: ({ depth, error }) => {
        if (depth === 0 && error !== undefined) words = error;
      },
    },
    onEnd: () => Promise.resolve(),
  }));
  return words;
}
