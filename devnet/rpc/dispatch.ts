/**
 * The envelope of JSON-RPC 2.0: requests, notifications, batches, errors.
 *
 * Owns the way from a request to an answer, without any port, so that everything in one process
 * speaks RPC as the world outside does. Does not own methods or transports.
 * @module
 */
import type { Engine } from "../../core/engine/engine.ts";
import { type Log, silentLog } from "../../core/primitives/ports.ts";
import { type Batches, createBatches } from "./batch.ts";
import type { ChainBackend, DevnetControls } from "./chain.ts";
import {
  refusal,
  RPC_CODES,
  RpcError,
  type RpcErrorData,
  rpcErrorToJson,
  toRpcError,
} from "./errors.ts";
import { parseExactJson, type RawNumber } from "./exact_json.ts";
import { createFilterStore } from "./filters.ts";
import { answerParts, plainAnswer, plainResult } from "./json_text.ts";
import { RPC_LIMITS, type RpcLimits } from "./limits.ts";
import { isAvailable, type RpcCaller, type RpcContext, type RpcMethod } from "./method.ts";
import { METHODS } from "./methods/mod.ts";
import { readWhole } from "./rewinds.ts";
import { isRecord } from "./schema.ts";
import { createSubscriptionHub, type RpcSession } from "./subscriptions.ts";

/** Every method of a port, bound to its chain. */
export interface RpcMethods {
  readonly names: readonly string[];
  /** Whether calls of this method may be made while earlier ones are under way. */
  keepsOrder(name: string): boolean;
  /** @throws RpcError; anything else is a defect. */
  call(name: string, params: unknown, caller?: RpcCaller): Promise<unknown>;
  /** A session for one WebSocket; its notifications go through `send`. */
  openSession(send: (notification: unknown) => void): RpcSession;
  /** How many of each there are now. */
  use(): { readonly subscriptions: number; readonly filters: number };
  /** Ends what waits for blocks: the port is stopping and answers what it has taken. */
  stopWaiting(): void;
  /** Ends all subscriptions. */
  close(): Promise<void>;
}

/** Hears of each request once it is answered. */
export interface RequestObserver {
  /**
   * `method` is one that the port has, or `unknown`: what clients make up must not grow anything.
   * `code` is that of the error, `undefined` for a result.
   */
  answered(method: string, elapsedMs: number, code: number | undefined): void;
}

/** What {@linkcode createRpcMethods} needs. */
export interface RpcMethodsOptions {
  readonly chain: ChainBackend;
  /** Gives the L2 its own methods. */
  readonly engine?: Engine;
  /** Gives both layers the methods of a whole devnet. */
  readonly devnet?: DevnetControls;
  readonly log?: Log;
  readonly observer?: RequestObserver;
  readonly limits?: Pick<RpcLimits, "maxSubscriptions">;
  /** Answer of `web3_clientVersion`. */
  readonly clientVersion?: string;
  /** Whether methods for developers are there; they are unless this says no. */
  readonly devMethods?: boolean;
}

/** A text that has been read and not answered yet. */
export interface AskedText {
  /** How many requests its batch has; `undefined` when it is none. */
  readonly batchLength: number | undefined;
  /** As {@linkcode Dispatcher.dispatchText}. */
  answer(caller?: RpcCaller): Promise<string | undefined>;
}

/** Turns requests into answers. */
export interface Dispatcher {
  /** The answer to a parsed request or batch; `undefined` when only notifications came. */
  dispatch(request: unknown, caller?: RpcCaller): Promise<unknown>;
  /** The same from text to text, with the answers of a batch bounded in bytes. */
  dispatchText(text: string, caller?: RpcCaller): Promise<string | undefined>;
  /** {@linkcode Dispatcher.dispatchText} in parts: a long answer is never put together. */
  dispatchParts(text: string, caller?: RpcCaller): Promise<readonly string[] | undefined>;
  /** What `text` asks for, to be answered later. */
  read(text: string): AskedText;
  /** One method as a function. @throws RpcError as a client would read it. */
  request(method: string, params?: readonly unknown[]): Promise<unknown>;
}

/** All methods that `chain`, and `engine` if there is one, can answer. */
export function createRpcMethods(options: RpcMethodsOptions): RpcMethods {
  const { engine, log = silentLog, observer, devMethods = true } = options;
  // Whoever may not use methods for developers may not use their keys either.
  const chain = devMethods ? options.chain : { ...options.chain, devAccounts: () => NO_ACCOUNTS };
  const { controls, rewinds } = chain;
  const filters = createFilterStore(chain);
  const stopping = new AbortController();
  const bare: RpcContext = {
    chain,
    stopping: stopping.signal,
    filters,
    clientVersion: options.clientVersion ??
      `varve/v0.1.0/${chain.layer}/deno-v${Deno.version.deno}`,
    methods: [],
    controls,
    ...(options.devnet === undefined ? {} : { devnet: options.devnet }),
    ...(engine === undefined ? {} : { engine }),
  };
  const available = METHODS.filter((method) => isAvailable(method, bare));
  const methods = available.filter((method) => devMethods || !method.isDev);
  const context: RpcContext = { ...bare, methods };
  const methodsByName = new Map<string, RpcMethod>(
    methods.flatMap((method) => namesOf(method).map((name) => [name, method])),
  );
  const switchedOff = new Set(
    available.filter((method) => !methods.includes(method)).flatMap(namesOf),
  );
  const hub = createSubscriptionHub(chain, log, options.limits ?? RPC_LIMITS);
  const note = (name: string, startedMs: number, code: number | undefined): void => {
    const elapsedMs = performance.now() - startedMs;
    observer?.answered(name, elapsedMs, code);
    // Never parameters: they hold keys, signatures and whole contracts.
    log.debug("Answered a request", { layer: chain.layer, method: name, ms: elapsedMs, code });
  };
  return {
    names: [...methodsByName.keys()],
    keepsOrder: (name) => methodsByName.get(name)?.keepsOrder === true,
    call: async (name, params, caller = NOBODY) => {
      const startedMs = performance.now();
      const method = methodsByName.get(name);
      if (method === undefined) {
        note(UNKNOWN_METHOD, startedMs, RPC_CODES.methodNotFound);
        throw methodNotFound(name, switchedOff.has(name));
      }
      try {
        const result = method.isRead
          ? await readWhole(rewinds, () => method.invoke(context, params, caller))
          : await method.invoke(context, params, caller);
        note(name, startedMs, undefined);
        return result;
      } catch (error) {
        const shown = toRpcError(error) ?? internalError(error, name, log);
        note(name, startedMs, shown.code);
        throw withMend(shown, method);
      }
    },
    openSession: (send) => hub.open(send),
    use: () => ({ subscriptions: hub.size(), filters: filters.size() }),
    stopWaiting: () => stopping.abort(),
    close: () => hub.close(),
  };
}

function namesOf({ name, aliases }: RpcMethod): readonly string[] {
  return [name, ...aliases];
}

/** What observers and logs call every method that is not there. */
const UNKNOWN_METHOD = "unknown";
/** The caller of requests within this process. */
const NOBODY: RpcCaller = {};
const NO_ACCOUNTS: ReturnType<ChainBackend["devAccounts"]> = new Map();

/** A wrong parameter is always answered with what the method takes. */
function withMend(error: RpcError, { name, params }: RpcMethod): RpcError {
  if (error.code !== RPC_CODES.invalidParams || error.data !== undefined) return error;
  const taken = params.map((each) => each.name).join(", ");
  const data: RpcErrorData = {
    code: "PARAMS_INVALID",
    message: error.message,
    mend: `Correct what is named and ask again: ${name} takes [${taken}].`,
    details: {},
  };
  return new RpcError(error.code, error.message, { data, cause: error });
}

/** A dispatcher over `methods`. */
export function createDispatcher(
  methods: RpcMethods,
  limits: RpcLimits = RPC_LIMITS,
): Dispatcher {
  const batches = createBatches(limits);
  const dispatch = async (request: unknown, caller: RpcCaller = NOBODY): Promise<unknown> => {
    if (!Array.isArray(request)) return plainAnswer(await answerOne(methods, request, caller));
    const refused = refuseBatch(request, limits);
    if (refused !== undefined) return refused;
    const answers: unknown[] = [];
    for (const element of request) {
      // One after another: a batch of transactions has an order.
      const answer = await answerOne(methods, element, caller);
      if (answer !== undefined) answers.push(plainAnswer(answer));
    }
    return answers.length === 0 ? undefined : answers;
  };
  const answerParsed = async (
    parsed: ParsedText,
    askedChars: number,
    caller: RpcCaller = NOBODY,
  ): Promise<readonly string[] | undefined> => {
    if (!parsed.ok) return [JSON.stringify(errorAnswer(null, notJson()))];
    const { value } = parsed;
    if (Array.isArray(value)) {
      const refused = refuseBatch(value, limits);
      if (refused !== undefined) return [JSON.stringify(refused)];
      const text = await answerBatch(methods, value, { batches, askedChars, caller });
      return text === undefined ? undefined : [text];
    }
    const answer = await answerOne(methods, value, caller);
    return answer === undefined ? undefined : answerParts(answer);
  };
  const joined = async (parts: Promise<readonly string[] | undefined>) => (await parts)?.join("");
  return {
    dispatch,
    dispatchText: (text, caller) => joined(answerParsed(parseJson(text), text.length, caller)),
    dispatchParts: (text, caller) => answerParsed(parseJson(text), text.length, caller),
    read: (text) => {
      const parsed = parseJson(text);
      return {
        batchLength: parsed.ok && Array.isArray(parsed.value) ? parsed.value.length : undefined,
        answer: (caller) => joined(answerParsed(parsed, text.length, caller)),
      };
    },
    request: async (method, params = []) => {
      const result = plainResult(await methods.call(method, params));
      // JSON has no `undefined`; in process nobody should see more than a client would.
      return result === undefined ? null : result;
    },
  };
}

function answerBatch(
  methods: RpcMethods,
  requests: readonly unknown[],
  { batches, askedChars, caller }: {
    readonly batches: Batches;
    readonly askedChars: number;
    readonly caller: RpcCaller;
  },
): Promise<string | undefined> {
  return batches.answer(requests, {
    askedChars,
    answer: (request) => answerOne(methods, request, caller),
    keepsOrder: (request) =>
      isRecord(request) && typeof request.method === "string" &&
      methods.keepsOrder(request.method),
    refuse: refusedInBatch,
    isGone: () => caller.isGone?.() ?? false,
  });
}

/** The answer to one request; never throws. */
async function answerOne(
  methods: RpcMethods,
  request: unknown,
  caller: RpcCaller,
): Promise<unknown> {
  const id = idOf(request);
  if (id === "invalid" || !isRecord(request) || request.jsonrpc !== "2.0") {
    return errorAnswer(id === "invalid" ? null : id.value ?? null, invalidRequest());
  }
  const { method } = request;
  if (typeof method !== "string") return errorAnswer(id.value ?? null, invalidRequest());
  const asked = id.value ?? null;
  try {
    const result = await methods.call(method, request.params, caller);
    if (id.value === undefined) return undefined;
    return { jsonrpc: "2.0", id: asked, result: result === undefined ? null : result };
  } catch (error) {
    if (id.value === undefined) return undefined;
    const shown = error instanceof RpcError
      ? error
      : new RpcError(RPC_CODES.internalError, "internal error");
    return errorAnswer(asked, shown);
  }
}

type RpcId = string | number | RawNumber | null;

/** Characters of an id at most, since it is sent back. */
const MAX_ID_CHARS = 1_000;

/** Whether it has an id, and which. */
function idOf(request: unknown): { readonly value: RpcId | undefined } | "invalid" {
  if (!isRecord(request) || !Object.hasOwn(request, "id")) return { value: undefined };
  const { id } = request;
  if (id === null || (typeof id === "number" && Number.isFinite(id))) return { value: id };
  if (typeof id === "string") return id.length <= MAX_ID_CHARS ? { value: id } : "invalid";
  return JSON.isRawJSON(id) && id.rawJSON.length <= MAX_ID_CHARS ? { value: id } : "invalid";
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

type ParsedText = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

function parseJson(text: string): ParsedText {
  try {
    return { ok: true, value: parseExactJson(text) };
  } catch {
    // The parser's words would quote the body; that it is no JSON is all there is to say.
    return { ok: false };
  }
}

/** A whole answer that carries `error`. */
export function errorAnswer(id: RpcId, error: RpcError): unknown {
  return { jsonrpc: "2.0", id, error: rpcErrorToJson(error) };
}

function refusedInBatch(request: unknown, error: RpcError): unknown {
  const id = idOf(request);
  if (id === "invalid" || id.value === undefined) return undefined;
  return errorAnswer(id.value, error);
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

function methodNotFound(name: string, isSwitchedOff: boolean): RpcError {
  const shown = name.length > 60 ? `${name.slice(0, 60)}…` : name;
  return refusal(
    RPC_CODES.methodNotFound,
    "METHOD_UNKNOWN",
    `the method ${shown} does not exist/is not available`,
    isSwitchedOff
      ? "Start the devnet without `--no-dev-methods` to have it."
      : "`rpc_modules` lists the namespaces of this port; rollup methods are on the L2's port, " +
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
