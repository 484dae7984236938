/**
 * One JSON-RPC method: a name, what it takes, what it does.
 *
 * Owns how a file of `methods/` declares itself and what it may use. Does not own the list
 * (`methods/mod.ts`) or the envelope (`dispatch.ts`).
 * @module
 */
import type { Engine } from "../../core/engine/engine.ts";
import type { ChainBackend, ChainControls } from "./chain.ts";
import type { FilterStore } from "./filters.ts";
import { type Param, type ParamValues, parseParams } from "./schema.ts";
import type { RpcSession } from "./subscriptions.ts";

/** What every method may use. */
export interface ChainContext {
  readonly chain: ChainBackend;
  readonly filters: FilterStore;
  /** Answer of `web3_clientVersion`. */
  readonly clientVersion: string;
  /** All methods that this port serves. */
  readonly methodNames: readonly string[];
}

/** What methods of a chain with controls, the embedded L1, may use besides. */
export interface ControlContext extends ChainContext {
  readonly controls: ChainControls;
}

/** What methods of the L2 may use besides. */
export interface RollupContext extends ChainContext {
  readonly engine: Engine;
}

/** A method, ready to be asked. */
export interface RpcMethod<Context> {
  readonly name: string;
  readonly params: readonly Param<unknown>[];
  /** Reads `raw` and answers with plain JSON. */
  invoke(context: Context, raw: unknown, session: RpcSession | undefined): Promise<unknown>;
}

/** How a file of `methods/` writes a method down. */
export interface MethodDefinition<Context, P extends readonly Param<unknown>[]> {
  readonly name: string;
  readonly params: P;
  /** `session` is there on a WebSocket only. */
  handler(
    context: Context,
    params: ParamValues<P>,
    session: RpcSession | undefined,
  ): unknown;
}

/** A method of both layers. */
export function chainMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<ChainContext, P>,
): RpcMethod<ChainContext> {
  return toMethod(definition);
}

/** A method of a chain with controls: the embedded L1 alone. */
export function controlMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<ControlContext, P>,
): RpcMethod<ControlContext> {
  return toMethod(definition);
}

/** A method of the L2 alone. */
export function rollupMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<RollupContext, P>,
): RpcMethod<RollupContext> {
  return toMethod(definition);
}

function toMethod<Context, const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<Context, P>,
): RpcMethod<Context> {
  const { name, params } = definition;
  return {
    name,
    params,
    invoke: async (context, raw, session) =>
      await definition.handler(context, parseParams(params, raw), session),
  };
}
