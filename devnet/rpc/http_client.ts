/**
 * JSON-RPC over HTTP as one function.
 *
 * Owns the transport: one request, one answer, or an error that says which end failed. Does not own
 * what is asked; the L1 client and the remote engine take the function as a parameter.
 * @module
 */
import { RollupError } from "../../core/primitives/errors.ts";
import { RpcError } from "./errors.ts";
import { isRecord } from "./schema.ts";

/** Codes that this file throws. */
export type HttpClientErrorCode = "REMOTE_UNAVAILABLE";

/** Asks for a method and waits for its result. */
export type RpcRequest = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** How {@linkcode httpRequest} asks. */
export interface HttpRequestOptions {
  /** Milliseconds to wait for an answer; proving may take long. 10 minutes by default. */
  readonly timeoutMs?: number;
  /** Ends everything that is being waited for. */
  readonly signal?: AbortSignal;
  /** Takes the place of the global `fetch`, for tests. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

const DEFAULT_TIMEOUT_MS = 600_000;

/**
 * Requests to the node at `url`.
 *
 * The function throws `RpcError` for what the node refused, and `REMOTE_UNAVAILABLE` when nothing
 * that speaks JSON-RPC answered.
 */
export function httpRequest(url: string, options: HttpRequestOptions = {}): RpcRequest {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, fetch = globalThis.fetch } = options;
  let lastId = 0;
  return async (method, params = []) => {
    const id = ++lastId;
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const timeout = AbortSignal.timeout(timeoutMs);
    const answer = await exchange(url, fetch, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (!isRecord(answer)) throw unavailable(url, "its answer is no JSON-RPC");
    if (isRecord(answer.error)) throw errorOf(answer.error);
    if (answer.id !== id || !Object.hasOwn(answer, "result")) {
      throw unavailable(url, "its answer is no JSON-RPC");
    }
    return answer.result;
  };
}

async function exchange(
  url: string,
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  init: RequestInit,
): Promise<unknown> {
  let text: string;
  try {
    text = await (await fetch(url, init)).text();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unavailable(url, reason, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unavailable(url, "its answer is not JSON", error);
  }
}

function errorOf(error: Readonly<Record<string, unknown>>): RpcError {
  const code = typeof error.code === "number" ? error.code : 0;
  const message = typeof error.message === "string" ? error.message : "unknown error";
  return new RpcError(code, message, { data: error.data });
}

function unavailable(
  url: string,
  reason: string,
  cause?: unknown,
): RollupError<HttpClientErrorCode> {
  return new RollupError("REMOTE_UNAVAILABLE", `Cannot reach a node at ${url}: ${reason}`, {
    details: { url, reason },
    mend: "Start it with `devnet`, or name the right address with `--rpc URL`.",
    cause,
  });
}
