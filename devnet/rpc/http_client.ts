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
export type HttpClientErrorCode = "REMOTE_UNAVAILABLE" | "PERMISSION_MISSING";

/** Asks for a method and waits for its result. */
export type RpcRequest = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** How {@linkcode httpRequest} asks. */
export interface HttpRequestOptions {
  /** Milliseconds to wait for an answer; proving may take long. 10 minutes by default. */
  readonly timeoutMs?: number;
  /** Longest answer that is read, in bytes. 64 MiB by default. */
  readonly maxAnswerBytes?: number;
  /** Ends everything that is being waited for. */
  readonly signal?: AbortSignal;
  /** Takes the place of the global `fetch`, for tests. */
  readonly fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

const DEFAULT_TIMEOUT_MS = 600_000;
/** Several times the largest witness, and 10,000 logs with 4 KiB each. */
const DEFAULT_MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** EIP-1474: the question asks for more than is given. */
const LIMIT_EXCEEDED = -32005;

/**
 * Requests to the node at `url`.
 *
 * The function throws `RpcError` for what the node refused, and for an answer that is too long, as
 * asking for less may help; `REMOTE_UNAVAILABLE` when nothing that speaks JSON-RPC answered. No
 * message shows more of the URL than {@linkcode publicUrl}.
 */
export function httpRequest(url: string, options: HttpRequestOptions = {}): RpcRequest {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, signal, fetch = globalThis.fetch } = options;
  const maxAnswerBytes = options.maxAnswerBytes ?? DEFAULT_MAX_ANSWER_BYTES;
  const shownUrl = publicUrl(url);
  let lastId = 0;
  return async (method, params = []) => {
    const id = ++lastId;
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const timeout = AbortSignal.timeout(timeoutMs);
    const { text, status } = await exchange(fetch, {
      url,
      maxAnswerBytes,
      init: {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      },
    });
    const answer = parseAnswer(text, shownUrl, status);
    if (!isRecord(answer)) throw unavailable(shownUrl, "its answer is no JSON-RPC");
    if (isRecord(answer.error)) throw errorOf(answer.error);
    if (answer.id !== id || !Object.hasOwn(answer, "result")) {
      throw unavailable(shownUrl, "its answer is no JSON-RPC");
    }
    return answer.result;
  };
}

/** The part of a URL that holds no secret: keys of providers are in user names, paths and queries. */
export function publicUrl(url: string): string {
  const { protocol, host, username, pathname, search } = new URL(url);
  const isWhole = username === "" && search === "" && (pathname === "/" || pathname === "");
  return `${protocol}//${host}${isWhole ? "" : "/…"}`;
}

/**
 * Says which flag is missing before anything is asked of a host that this process may not reach.
 *
 * @throws `PERMISSION_MISSING`
 */
export function requireNetAccess(url: string): void {
  const { hostname, port, protocol } = new URL(url);
  const host = `${hostname}:${port === "" ? (protocol === "https:" ? "443" : "80") : port}`;
  if (Deno.permissions.querySync({ name: "net", host }).state === "granted") return;
  throw new RollupError<HttpClientErrorCode>(
    "PERMISSION_MISSING",
    `Cannot reach ${host} as this process must be allowed to: its permissions leave the host out`,
    {
      details: { host, flag: `--allow-net=${host}` },
      mend: `Add --allow-net=${host}. The tasks allow this machine alone, so type: ` +
        "deno run --allow-read --allow-write --allow-env " +
        `--allow-net=127.0.0.1,localhost,[::1],${host} cli/main.ts COMMAND`,
    },
  );
}

interface Exchange {
  readonly url: string;
  readonly init: RequestInit;
  readonly maxAnswerBytes: number;
}

async function exchange(
  fetch: (url: string, init: RequestInit) => Promise<Response>,
  { url, init, maxAnswerBytes }: Exchange,
): Promise<{ readonly text: string; readonly status: number }> {
  try {
    const response = await fetch(url, init);
    return { text: await readBounded(response, maxAnswerBytes), status: response.status };
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const shownUrl = publicUrl(url);
    const reason = (error instanceof Error ? error.message : String(error))
      .replaceAll(new URL(url).href, shownUrl).replaceAll(url, shownUrl);
    throw unavailable(shownUrl, reason, shownUrl.endsWith("…") ? undefined : error);
  }
}

/** The text of the answer; a longer one is dropped as soon as that is clear. */
async function readBounded(response: Response, maxBytes: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let sizeBytes = 0;
  // Leaving the loop cancels the rest of the body.
  for await (const chunk of response.body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) {
      throw new RpcError(LIMIT_EXCEEDED, `the answer has more than ${maxBytes} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parseAnswer(text: string, shownUrl: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const isOk = status >= 200 && status < 300;
    const reason = isOk ? "its answer is not JSON" : `it answers with HTTP status ${status}`;
    throw unavailable(shownUrl, reason, error);
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
