/**
 * An L1 that lies, breaks off, or says nothing, between a client and a chain that is well.
 *
 * Owns the faults, each as it comes over the wire: the real transport reads what they send. Does not
 * own when one happens (a seed decides) or what a client has to make of it.
 * @module
 */
import type { L1Request } from "../../core/l1/backends/json_rpc.ts";
import { httpRequest } from "../../devnet/rpc/http_client.ts";
import { RpcError, rpcErrorToJson } from "../../devnet/rpc/errors.ts";
import { isRecord } from "../../devnet/rpc/schema.ts";
import type { RandomChoices } from "./random.ts";

/** What can go wrong with one request; `… after` means that the chain has done what was asked. */
export type L1Fault =
  | "hang"
  | "hang after"
  | "reset"
  | "reset after"
  | "HTML"
  | "empty body"
  | "truncated JSON after"
  | "null"
  | "wrong type"
  | "refusal"
  | "older head"
  | "doubled logs";

/** Every fault. */
export const L1_FAULTS: readonly L1Fault[] = [
  "hang",
  "hang after",
  "reset",
  "reset after",
  "HTML",
  "empty body",
  "truncated JSON after",
  "null",
  "wrong type",
  "refusal",
  "older head",
  "doubled logs",
];

/** Faults that have a meaning for some methods only; to the others the truth is told. */
const METHODS_BY_FAULT: Partial<Readonly<Record<L1Fault, readonly string[]>>> = {
  "older head": ["eth_blockNumber", "eth_getBlockByNumber"],
  "doubled logs": ["eth_getLogs"],
};

/** Decides which requests go wrong. */
export interface L1Faults {
  /** What happens to this request; `undefined` when nothing does. */
  next(method: string): L1Fault | undefined;
  /** Draws among so many; the rest of the faulty answer hangs on it. */
  pick<Item>(items: readonly Item[]): Item;
}

/** Faults by a seed, and what they have been so far. */
export interface SeededL1Faults extends L1Faults {
  /** Every fault that happened, in order. */
  readonly happened: readonly { readonly method: string; readonly fault: L1Fault }[];
  /** Nothing goes wrong any more. */
  calm(): void;
}

/** `percent` of 100 requests go wrong, by one of `kinds` that fits the method. */
export function createL1Faults(
  random: RandomChoices,
  options: { readonly percent: number; readonly kinds?: readonly L1Fault[] },
): SeededL1Faults {
  const { percent, kinds = L1_FAULTS } = options;
  const happened: { readonly method: string; readonly fault: L1Fault }[] = [];
  let isCalm = false;
  return {
    happened,
    calm: () => {
      isCalm = true;
    },
    pick: (items) => random.pick(items),
    next: (method) => {
      // The draw comes first, so that a seed means the same for every choice of kinds.
      if (!random.chance(percent) || isCalm) return undefined;
      const fitting = kinds.filter((kind) => fits(kind, method));
      if (fitting.length === 0) return undefined;
      const fault = random.pick(fitting);
      happened.push({ method, fault });
      return fault;
    },
  };
}

function fits(fault: L1Fault, method: string): boolean {
  return METHODS_BY_FAULT[fault]?.includes(method) ?? true;
}

/** How {@linkcode hostileL1} is reached. */
export interface HostileOptions {
  /** Milliseconds after which a client gives a silent node up. 5 by default. */
  readonly timeoutMs?: number;
}

/** What the hostile node needs to answer one request. */
interface Exchange {
  readonly next: L1Request;
  readonly faults: L1Faults;
  readonly id: unknown;
  readonly method: string;
  readonly params: readonly unknown[];
  readonly signal: AbortSignal;
}

/** `next` behind `faults`, read by the transport that reads a real node. */
export function hostileL1(
  next: L1Request,
  faults: L1Faults,
  { timeoutMs = 5 }: HostileOptions = {},
): L1Request {
  return httpRequest("http://hostile.invalid", {
    timeoutMs,
    fetch: async (_url, { body, signal }) => {
      const request: unknown = JSON.parse(String(body));
      if (!isRecord(request) || !Array.isArray(request.params) || !signal) {
        throw new TypeError("the client sends one JSON-RPC request with a signal");
      }
      const { id, method, params } = request;
      return await answer({ next, faults, id, method: String(method), params, signal });
    },
  });
}

async function answer(exchange: Exchange): Promise<Response> {
  const { faults, method, signal } = exchange;
  const drawn = faults.next(method);
  const fault = drawn !== undefined && fits(drawn, method) ? drawn : undefined;
  switch (fault) {
    case undefined:
      return await truth(exchange);
    case "hang":
      return await hang(signal);
    case "hang after":
      await truth(exchange);
      return await hang(signal);
    case "reset":
      throw new TypeError("connection reset by peer");
    case "reset after":
      await truth(exchange);
      throw new TypeError("connection reset by peer");
    case "HTML":
      return new Response("<!doctype html><h1>502 Bad Gateway</h1>", { status: 502 });
    case "empty body":
      return new Response("");
    case "truncated JSON after": {
      const text = await (await truth(exchange)).text();
      return new Response(text.slice(0, Math.ceil(text.length / 2)));
    }
    case "null":
      return withResult(exchange, null);
    case "wrong type":
      return withResult(exchange, faults.pick(WRONG_RESULTS));
    case "refusal":
      return withError(exchange, faults.pick(REFUSALS));
    case "older head":
      return await olderHead(exchange);
    case "doubled logs": {
      const logs = await exchange.next(method, exchange.params);
      return withResult(exchange, Array.isArray(logs) ? [...logs, ...logs] : logs);
    }
  }
}

/** No method answers with any of these. */
const WRONG_RESULTS: readonly unknown[] = [7, true, {}, [null], "0xzz", "latest"];

/** What nodes of providers say when they do not want to. */
const REFUSALS: readonly RpcError[] = [
  new RpcError(-32000, "header not found"),
  new RpcError(-32005, "daily request count exceeded, request rate limited"),
  new RpcError(-32603, "internal error"),
  new RpcError(-32016, "over rate limit", { data: { see: "https://provider.invalid" } }),
];

/** Blocks by which an older head lags. */
const LAGS: readonly bigint[] = [1n, 2n, 3n];

async function truth(exchange: Exchange): Promise<Response> {
  const { next, method, params } = exchange;
  try {
    return withResult(exchange, await next(method, params));
  } catch (error) {
    if (error instanceof RpcError) return withError(exchange, error);
    throw error;
  }
}

/** Ends when the client gives up, as a connection does on which nothing comes. */
function hang(signal: AbortSignal): Promise<Response> {
  return new Promise((_, reject) => {
    const give = () => reject(signal.reason);
    if (signal.aborted) give();
    else signal.addEventListener("abort", give, { once: true });
  });
}

/** The head as another node behind the same address sees it, some blocks ago. */
async function olderHead(exchange: Exchange): Promise<Response> {
  const { next, faults, method, params } = exchange;
  const [at, ...rest] = params;
  if (method === "eth_getBlockByNumber" && at !== "latest") return await truth(exchange);
  const head = BigInt(String(await next("eth_blockNumber", [])));
  const lag = faults.pick(LAGS);
  const older = `0x${(head > lag ? head - lag : 0n).toString(16)}`;
  return withResult(
    exchange,
    method === "eth_blockNumber" ? older : await next(method, [older, ...rest]),
  );
}

function withResult({ id }: Exchange, result: unknown): Response {
  return Response.json({ jsonrpc: "2.0", id, result: result ?? null });
}

function withError({ id }: Exchange, error: RpcError): Response {
  return Response.json({ jsonrpc: "2.0", id, error: rpcErrorToJson(error) });
}
