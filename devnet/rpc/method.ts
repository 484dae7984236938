/**
 * One JSON-RPC method: a name, what it takes, what it does.
 *
 * Owns how a file of `methods/` declares itself and what it may use. Does not own the list
 * (`methods/mod.ts`) or the envelope (`dispatch.ts`).
 * @module
 */
import type { Engine } from "../../core/engine/engine.ts";
import { assert } from "../../core/primitives/errors.ts";
import type { ChainBackend, ChainControls, DevnetControls } from "./chain.ts";
import type { FilterStore } from "./filters.ts";
import type { JsonSchema } from "./json_schema.ts";
import { type Param, type ParamValues, parseParams } from "./schema.ts";
import type { RpcSession } from "./subscriptions.ts";

/** What every method may use. */
export interface ChainContext {
  readonly chain: ChainBackend;
  readonly filters: FilterStore;
  /** Answer of `web3_clientVersion`. */
  readonly clientVersion: string;
  /** All methods that this port serves. */
  readonly methods: readonly RpcMethod[];
  /** Fires when the port stops: who waits for a block answers now. */
  readonly stopping: AbortSignal;
}

/** What methods for developers may use besides. */
export interface ControlContext extends ChainContext {
  readonly controls: ChainControls;
}

/** What methods of a whole devnet may use besides. */
export interface DevnetContext extends ControlContext {
  readonly devnet: DevnetControls;
}

/** What methods of the L2 may use besides. */
export interface RollupContext extends ChainContext {
  readonly engine: Engine;
}

/** What a port has for its methods. */
export type RpcContext = ChainContext & Partial<DevnetContext & RollupContext>;

/** Who asks, as far as methods may know. */
export interface RpcCaller {
  /** There on a WebSocket only. */
  readonly session?: RpcSession;
  /** Whether nobody waits for the answer any more; asking is not free, so not for each step. */
  readonly isGone?: () => boolean;
}

/** What a method cannot do without. */
export type MethodNeed = "chain" | "controls" | "devnet" | "engine";

/** A method, ready to be asked. */
export interface RpcMethod {
  readonly name: string;
  /** Other names that mean the very same, such as `hardhat_mine` for `anvil_mine`. */
  readonly aliases: readonly string[];
  /** What it does, as a sentence without a period. */
  readonly summary: string | undefined;
  readonly params: readonly Param<unknown>[];
  /** Shape of its answer. */
  readonly result: JsonSchema | undefined;
  /** Only for developers: not there with `--no-dev-methods`. */
  readonly isDev: boolean;
  /** It only reads, so that asking it again is asking it once. */
  readonly isRead: boolean;
  /** Calls take effect in the order in which they are made, also while earlier ones are under way. */
  readonly keepsOrder: boolean;
  readonly needs: MethodNeed;
  /** Reads `raw` and answers with plain JSON. */
  invoke(context: RpcContext, raw: unknown, caller: RpcCaller): unknown;
}

/** How a file of `methods/` writes a method down. */
export interface MethodDefinition<Context, P extends readonly Param<unknown>[]> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary?: string;
  readonly params: P;
  readonly result?: JsonSchema;
  readonly isDev?: boolean;
  /** True unless the method is for developers, or says otherwise. */
  readonly isRead?: boolean;
  readonly keepsOrder?: boolean;
  handler(context: Context, params: ParamValues<P>, caller: RpcCaller): unknown;
}

/** A method of both layers. */
export function chainMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<ChainContext, P>,
): RpcMethod {
  return toMethod(definition, "chain", (context) => context);
}

/** A method for developers, which a layer may refuse. */
export function controlMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<ControlContext, P>,
): RpcMethod {
  return toMethod({ isDev: true, ...definition }, "controls", (context) => {
    assert(hasControls(context), "a port without controls does not list the method");
    return context;
  });
}

/** A method for developers, of a whole devnet: what it does concerns both layers. */
export function devnetMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<DevnetContext, P>,
): RpcMethod {
  return toMethod({ isDev: true, ...definition }, "devnet", (context) => {
    assert(hasDevnet(context), "a port without a devnet does not list the method");
    return context;
  });
}

/** A method of the L2 alone. */
export function rollupMethod<const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<RollupContext, P>,
): RpcMethod {
  return toMethod(definition, "engine", (context) => {
    assert(hasEngine(context), "a port without an engine does not list the method");
    return context;
  });
}

/** Whether a port with `context` can answer `method`. */
export function isAvailable(method: RpcMethod, context: RpcContext): boolean {
  return method.needs === "chain" || context[method.needs] !== undefined;
}

function hasControls(context: RpcContext): context is RpcContext & ControlContext {
  return context.controls !== undefined;
}

function hasDevnet(context: RpcContext): context is RpcContext & DevnetContext {
  return context.devnet !== undefined;
}

function hasEngine(context: RpcContext): context is RpcContext & RollupContext {
  return context.engine !== undefined;
}

function toMethod<Context, const P extends readonly Param<unknown>[]>(
  definition: MethodDefinition<Context, P>,
  needs: MethodNeed,
  narrow: (context: RpcContext) => Context,
): RpcMethod {
  const { name, params, aliases = [], summary, result, isDev = false } = definition;
  const { isRead = !isDev, keepsOrder = false } = definition;
  return {
    name,
    aliases,
    summary,
    params,
    result,
    isDev,
    isRead,
    keepsOrder,
    needs,
    invoke: (context, raw, caller) =>
      definition.handler(narrow(context), parseParams(params, raw), caller),
  };
}
