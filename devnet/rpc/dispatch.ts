/**
 * The envelope of JSON-RPC 2.0: requests, notifications, batches, errors.
 *
 * Owns the way from a request to an answer, without any port, so that everything in one process
 * speaks RPC as the world outside does. Does not own methods or transports.
 * @module
 */
import type { Engine } from "../../core/engine/engine.ts";
import { type Log, silentLog } from "../../core/primitives/ports.ts";
import type { ChainBackend } from "./chain.ts";
import { refusal, RPC_CODES, RpcError, rpcErrorToJson, toRpcError } from "./errors.ts";
import { createFilterStore } from "./filters.ts";
import { RPC_LIMITS, type RpcLimits } from "./limits.ts";
import { isAvailable, type RpcContext, type RpcMethod } from "./method.ts";
import { METHODS } from "./methods/mod.ts";
import { isRecord } from "./schema.ts";
import { createSubscriptionHub, type RpcSession } from "./subscriptions.ts";

/** Every method of a port, bound to its chain. */
export interface RpcMethods {
  readonly names: readonly string[];
  /** @throws RpcError; anything else is a defect. */
  call(name: string, params: unknown, session?: RpcSession): Promise<unknown>;
  /** A session for one WebSocket; its notifications go through `send`. */
  openSession(send: (notification: unknown) => void): RpcSession;
  /** Ends all subscriptions. */
  close(): Promise<void>;
}

/** What {@linkcode createRpcMethods} needs. */
export interface RpcMethodsOptions {
  readonly chain: ChainBackend;
  /** Gives the L2 its own methods. */
  readonly engine?: Engine;
  readonly log?: Log;
  /** Answer of `web3_clientVersion`. */
  readonly clientVersion?: string;
  /** Whether methods for developers are there; they are unless this says no. */
  readonly devMethods?: boolean;
}

/** Turns requests into answers. */
export interface Dispatcher {
  /** The answer to a parsed request or batch; `undefined` when only notifications came. */
  dispatch(request: unknown, session?: RpcSession): Promise<unknown>;
  /** The same from text to text, with the answers of a batch bounded in bytes. */
  dispatchText(text: string, session?: RpcSession): Promise<string | undefined>;
  /** One method as a function. @throws RpcError as a client would read it. */
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
}

/** All methods that `chain`, and `engine` if there is one, can answer. */
export function createRpcMethods(options: RpcMethodsOptions): RpcMethods {
  const { chain, engine, log = silentLog, devMethods = true } = options;
  const { controls } = chain;
  const bare: RpcContext = {
    chain,
    filters: createFilterStore(chain),
    clientVersion: options.clientVersion ??
      `varve/v0.1.0/${chain.layer}/deno-v${Deno.version.deno}`,
    methods: [],
    ...(controls === undefined ? {} : { controls }),
    ...(engine === undefined ? {} : { engine }),
  };
  const methods = METHODS.filter((method) =>
    isAvailable(method, bare) && (devMethods || !method.isDev)
  );
  const context: RpcContext = { ...bare, methods };
  const methodsByName = new Map<string, RpcMethod>(
    methods.flatMap((method) => [method.name, ...method.aliases].map((name) => [name, method])),
  );
  const hub = createSubscriptionHub(chain, log);
  return {
    names: [...methodsByName.keys()],
    call: async (name, params, session) => {
      const method = methodsByName.get(name);
      if (method === undefined) throw methodNotFound(name);
      try {
        return await method.invoke(context, params, session);
      } catch (error) {
        throw toRpcError(error) ?? internalError(error, name, log);
      }
    },
    openSession: (send) => hub.open(send),
    close: () => hub.close(),
  };
}

/** A dispatcher over `methods`. */
export function createDispatcher(
  methods: RpcMethods,
  limits: RpcLimits = RPC_LIMITS,
): Dispatcher {
  const dispatch = async (request: unknown, session?: RpcSession): Promise<unknown> => {
    if (!Array.isArray(request)) return await answerOne(methods, request, session);
    const refused = refuseBatch(request, limits);
    if (refused !== undefined) return refused;
    const answers: unknown[] = [];
    for (const element of request) {
      // One after another: a batch of transactions has an order.
      const answer = await answerOne(methods, element, session);
      if (answer !== undefined) answers.push(answer);
    }
    return answers.length === 0 ? undefined : answers;
  };
  return {
    dispatch,
    dispatchText: async (text, session) => {
      const parsed = parseJson(text);
      if (!parsed.ok) {
        return JSON.stringify(
          errorAnswer(null, notJson()),
        );
      }
      if (Array.isArray(parsed.value) && refuseBatch(parsed.value, limits) === undefined) {
        return await answerBatchText(methods, parsed.value, { session, limits });
      }
      const answer = await dispatch(parsed.value, session);
      return answer === undefined ? undefined : JSON.stringify(answer);
    },
    request: async (method, params = []) => {
      const result = await methods.call(method, params);
      // JSON has no `undefined`; in process nobody should see more than a client would.
      return result === undefined ? null : result;
    },
  };
}

async function answerBatchText(
  methods: RpcMethods,
  requests: readonly unknown[],
  options: { readonly session: RpcSession | undefined; readonly limits: RpcLimits },
): Promise<string | undefined> {
  const answers: string[] = [];
  let sizeBytes = 0;
  for (const request of requests) {
    const answer = sizeBytes > options.limits.maxBatchResponseBytes
      ? responseTooLarge(request)
      : await answerOne(methods, request, options.session);
    if (answer === undefined) continue;
    const text = JSON.stringify(answer);
    sizeBytes += text.length;
    answers.push(text);
  }
  return answers.length === 0 ? undefined : `[${answers.join(",")}]`;
}

/** The answer to one request; never throws. */
async function answerOne(
  methods: RpcMethods,
  request: unknown,
  session: RpcSession | undefined,
): Promise<unknown> {
  const id = idOf(request);
  if (id === "invalid" || !isRecord(request) || request.jsonrpc !== "2.0") {
    return errorAnswer(id === "invalid" ? null : id.value ?? null, invalidRequest());
  }
  const { method } = request;
  if (typeof method !== "string") return errorAnswer(id.value ?? null, invalidRequest());
  const answer = await call(
    methods,
    { id: id.value ?? null, method, params: request.params },
    session,
  );
  return id.value === undefined ? undefined : answer;
}

async function call(
  methods: RpcMethods,
  request: { readonly id: RpcId; readonly method: string; readonly params: unknown },
  session: RpcSession | undefined,
): Promise<unknown> {
  const { id, method, params } = request;
  try {
    const result = await methods.call(method, params, session);
    return { jsonrpc: "2.0", id, result: result === undefined ? null : result };
  } catch (error) {
    const shown = error instanceof RpcError
      ? error
      : new RpcError(RPC_CODES.internalError, "internal error");
    return errorAnswer(id, shown);
  }
}

type RpcId = string | number | null;

/** Whether it has an id, and which; text is bounded, since it is sent back. */
function idOf(request: unknown): { readonly value: RpcId | undefined } | "invalid" {
  if (!isRecord(request) || !Object.hasOwn(request, "id")) return { value: undefined };
  const { id } = request;
  if (id === null || (typeof id === "number" && Number.isFinite(id))) return { value: id };
  return typeof id === "string" && id.length <= 1_000 ? { value: id } : "invalid";
}

function refuseBatch(request: readonly unknown[], limits: RpcLimits): unknown {
  if (request.length === 0) {
    return errorAnswer(
      null,
      refusal(
        RPC_CODES.invalidRequest,
        "BATCH_EMPTY",
        "empty batch",
        "Put at least one request into the batch.",
      ),
    );
  }
  if (request.length <= limits.maxBatchRequests) return undefined;
  return errorAnswer(
    null,
    refusal(
      RPC_CODES.invalidRequest,
      "BATCH_TOO_LARGE",
      `batch too large: ${request.length} requests of at most ${limits.maxBatchRequests}`,
      `Split the batch into parts of at most ${limits.maxBatchRequests} requests.`,
    ),
  );
}

function parseJson(text: string): { readonly ok: true; readonly value: unknown } | {
  readonly ok: false;
} {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    // The parser's words would quote the body; that it is no JSON is all there is to say.
    return { ok: false };
  }
}

/** A whole answer that carries `error`. */
export function errorAnswer(id: RpcId, error: RpcError): unknown {
  return { jsonrpc: "2.0", id, error: rpcErrorToJson(error) };
}

function responseTooLarge(request: unknown): unknown {
  const id = idOf(request);
  if (id === "invalid" || id.value === undefined) return undefined;
  const message = "response too large: the answers of this batch passed their bound";
  return errorAnswer(id.value, new RpcError(RPC_CODES.transactionRejected, message));
}

function notJson(): RpcError {
  return refusal(
    RPC_CODES.parseError,
    "BODY_NOT_JSON",
    "parse error: the body is not JSON",
    "Send one JSON-RPC 2.0 request, or an array of them, as UTF-8 text.",
  );
}

function invalidRequest(): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "REQUEST_INVALID",
    'invalid request: expected {"jsonrpc": "2.0", "id": …, "method": "…", "params": […]}',
    "Give `jsonrpc`, `id`, `method` and, as an array, `params`.",
  );
}

function methodNotFound(name: string): RpcError {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return refusal(
    RPC_CODES.methodNotFound,
    "METHOD_UNKNOWN",
    `the method ${shown} does not exist/is not available`,
    "`rpc_modules` lists the namespaces of this port; rollup methods are on the L2's port, " +
      "reorganisations and other controls on the embedded L1's.",
  );
}

/** A defect: the log has the facts, the client learns that it is not to blame. */
function internalError(error: unknown, method: string, log: Log): RpcError {
  log.warn("RPC method failed by a defect", {
    method,
    error: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
  });
  return new RpcError(RPC_CODES.internalError, "internal error", { cause: error });
}
