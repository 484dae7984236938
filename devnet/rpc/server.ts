/**
 * JSON-RPC on a port: HTTP and WebSocket side by side.
 *
 * Owns bounds on what arrives and leaves, and an orderly end. Does not own listening (`listener.ts`),
 * who may ask (`access.ts`), what pages may read (`cors.ts`), WebSockets (`socket_server.ts`) or what
 * is answered (`dispatch.ts`). What one request costs here is a good part of the cheapest methods, so
 * nothing is parsed, timed or copied that a plain POST does not need.
 * @module
 */
import type { Log } from "../../core/primitives/ports.ts";
import { type AccessRules, createAccessRules, hostForUrl } from "./access.ts";
import {
  type AnswerBodies,
  answersHeld,
  countChars,
  createAnswerBodies,
  SHORT_ANSWER_CHARS,
} from "./answer_body.ts";
import { type BodyReader, createBodyReader } from "./body.ts";
import { type CorsRules, createCorsRules } from "./cors.ts";
import { createDispatcher, type Dispatcher, errorAnswer, type RpcMethods } from "./dispatch.ts";
import { refusal, RPC_CODES, RpcError } from "./errors.ts";
import { RPC_LIMITS, type RpcLimits } from "./limits.ts";
import { keepListening } from "./listener.ts";
import { createSocketServer, type SocketServer } from "./socket_server.ts";

/** What {@linkcode createRpcServer} needs. */
export interface RpcServerOptions {
  /** Address to listen on: `127.0.0.1` keeps the port to this machine. */
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly methods: RpcMethods;
  readonly log: Log;
  readonly limits?: Partial<RpcLimits>;
  /** Names besides this machine's own that clients may call the server by; `*` for any. */
  readonly allowedHosts?: readonly string[];
  /** Pages that may ask, such as `https://app.example`, besides those of this machine. */
  readonly allowedOrigins?: readonly string[];
  /** Pages that may ask and read the answers, of which `*` is every one; none by default. */
  readonly corsOrigins?: readonly string[];
  /** What `GET` answers, by path; `/health` is there without being named. */
  readonly pages?: Readonly<Record<string, Page>>;
  /** Flag that chooses the port, for the message when it is taken; `--port` by default. */
  readonly portFlag?: string;
}

/** Something to `GET` beside JSON-RPC. */
export type Page = () => Promise<{
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}>;

/** How much a port is in use. */
export interface ServerUse {
  readonly sockets: number;
  /** Characters of long answers that clients have not read yet. */
  readonly heldAnswerChars: number;
}

/** A port that is being served. */
export interface RpcServer {
  readonly port: number;
  /** `http://HOST:PORT`; WebSockets are at the same place. */
  readonly url: string;
  readonly addr: Deno.NetAddr;
  use(): ServerUse;
  /** Takes no more, answers what it took, closes every connection. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** What answering HTTP requests takes. */
interface Answering {
  readonly dispatcher: Dispatcher;
  readonly rules: AccessRules;
  readonly cors: CorsRules;
  readonly sockets: SocketServer;
  readonly bodies: BodyReader;
  readonly answers: AnswerBodies;
  readonly inFlight: InFlight;
  readonly limits: RpcLimits;
  readonly pages: Readonly<Record<string, Page>>;
  readonly isStopping: () => boolean;
}

/**
 * Serves `methods`; the port is open when this returns.
 *
 * @throws `PORT_IN_USE`
 */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const limits = { ...RPC_LIMITS, ...options.limits };
  const { methods, log, corsOrigins = [], allowedOrigins = [] } = options;
  const dispatcher = createDispatcher(methods, limits);
  const sockets = createSocketServer({ methods, dispatcher, limits, log });
  const bodies = createBodyReader(limits);
  const answers = createAnswerBodies(limits);
  const inFlight = createInFlight();
  const abort = new AbortController();
  let stopping = false;
  const answering: Answering = {
    dispatcher,
    rules: createAccessRules({ ...options, allowedOrigins: [...allowedOrigins, ...corsOrigins] }),
    cors: createCorsRules(corsOrigins),
    sockets,
    bodies,
    answers,
    inFlight,
    limits,
    pages: { "/health": healthy, ...options.pages },
    isStopping: () => stopping,
  };
  const server = keepListening({ ...options, signal: abort.signal }, async (request, info) => {
    try {
      return await answerRequest(request, info, answering);
    } catch (error) {
      log.warn("Could not answer an HTTP request", {
        error: error instanceof Error ? error.message : String(error),
      });
      return errorResponse(500, new RpcError(RPC_CODES.internalError, "internal error"));
    }
  });
  const { addr } = server;

  const stop = async (): Promise<void> => {
    stopping = true;
    bodies.close();
    methods.stopWaiting();
    // Clients that neither read nor close must not keep the end waiting for ever.
    await withinMs(limits.drainTimeoutMs, async () => {
      await Promise.all([sockets.close(), inFlight.settled(), answers.settled()]);
      // What was handed over just now may not have left yet.
      await new Promise((resolve) => setTimeout(resolve, LAST_BYTES_MS));
    });
    await methods.close();
    answers.close();
    // Not `server.shutdown()`: it would wait for requests that never become whole.
    abort.abort();
    await server.finished;
  };
  let stopped: Promise<void> | undefined;
  return {
    port: addr.port,
    url: `http://${hostForUrl(options.host)}:${addr.port}`,
    addr,
    use: () => ({ sockets: sockets.count(), heldAnswerChars: answers.heldChars() }),
    shutdown: () => stopped ??= stop(),
  };
}

/** Milliseconds for the last answers to leave a stopping server. */
const LAST_BYTES_MS = 10;

/** Requests that were accepted and not answered yet. */
interface InFlight {
  /** Counts a request until `work` is done. */
  run<Result>(info: Deno.ServeHandlerInfo, work: () => Promise<Result>): Promise<Result>;
  /** Resolves when all that are there now have been answered. */
  settled(): Promise<void>;
}

function createInFlight(): InFlight {
  const infos = new Set<Deno.ServeHandlerInfo>();
  return {
    run: async (info, work) => {
      infos.add(info);
      try {
        return await work();
      } finally {
        infos.delete(info);
      }
    },
    settled: async () => {
      // Only now: asking each request for the end of its answer costs more than many answers.
      await Promise.all([...infos].map(({ completed }) => completed.catch(() => {})));
    },
  };
}

async function answerRequest(
  request: Request,
  info: Deno.ServeHandlerInfo,
  answering: Answering,
): Promise<Response> {
  const { rules, cors, inFlight } = answering;
  if (answering.isStopping()) return stoppingResponse();
  const { headers, method } = request;
  const origin = headers.get("origin");
  const host = headers.get("host") ?? new URL(request.url).host;
  const refused = rules.refuse({ host, origin });
  if (refused !== undefined) return errorResponse(403, refused);
  const corsHeaders = origin === null ? undefined : cors.headersFor(origin);
  if (method !== "POST") return await answerOther(request, { origin, info }, answering);
  const body = await answering.bodies.read(request, headers.get("content-length"));
  if (body.kind !== "whole") return withHeaders(bodyRefused(body.kind, answering), corsHeaders);
  // From here on the request is answered come what may.
  // The signal is made when it is asked for, and that costs.
  const caller = { isGone: () => request.signal.aborted };
  const answer = await inFlight.run(
    info,
    () => answering.dispatcher.dispatchParts(body.text, caller),
  );
  return withHeaders(toResponse(answer, answering), corsHeaders);
}

/** Everything but `POST`: WebSockets, pages, preflights. */
async function answerOther(
  request: Request,
  { origin, info }: { readonly origin: string | null; readonly info: Deno.ServeHandlerInfo },
  { cors, sockets, pages, inFlight }: Answering,
): Promise<Response> {
  const { headers, method } = request;
  if (headers.get("upgrade")?.toLowerCase() === "websocket") return sockets.upgrade(request);
  if (method === "OPTIONS" && origin !== null) {
    const preflight = cors.preflight(request, origin);
    if (preflight !== undefined) return preflight;
  }
  if (method !== "GET" && method !== "HEAD") return postOnly();
  const { pathname } = new URL(request.url);
  const page = Object.hasOwn(pages, pathname) ? pages[pathname] : undefined;
  if (page === undefined) return postOnly();
  const { status, contentType, body } = await inFlight.run(info, page);
  return new Response(body, { status, headers: { "content-type": contentType } });
}

function toResponse(parts: readonly string[] | undefined, { answers }: Answering): Response {
  // Notifications alone have no answer.
  if (parts === undefined) return new Response(null, { status: 204 });
  if (countChars(parts) <= SHORT_ANSWER_CHARS) return new Response(parts.join(""), JSON_RESPONSE);
  const body = answers.send(parts);
  return body === undefined ? errorResponse(503, answersHeld()) : new Response(body, JSON_RESPONSE);
}

function withHeaders(
  response: Response,
  headers: Readonly<Record<string, string>> | undefined,
): Response {
  if (headers === undefined) return response;
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

function bodyRefused(
  kind: "too large" | "too slow" | "too many" | "broken" | "stopped",
  { limits }: Answering,
): Response {
  if (kind === "too large") return errorResponse(413, bodyTooLarge(limits));
  if (kind === "too slow") return errorResponse(408, bodyTooSlow(limits));
  if (kind === "too many") return errorResponse(503, bodiesTooMany());
  return kind === "stopped" ? stoppingResponse() : errorResponse(400, bodyBroken());
}

const healthy: Page = () =>
  Promise.resolve({
    status: 200,
    contentType: "application/json",
    body: JSON.stringify({ status: "ok" }),
  });

/** One object for all: making it anew for each answer can be measured. */
const JSON_RESPONSE: ResponseInit = {
  status: 200,
  headers: { "content-type": "application/json" },
};

function jsonResponse(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "application/json" } });
}

function errorResponse(status: number, error: RpcError): Response {
  return jsonResponse(status, JSON.stringify(errorAnswer(null, error)));
}

function stoppingResponse(): Response {
  const message = "the server is stopping";
  return errorResponse(503, new RpcError(RPC_CODES.serverError, message));
}

function postOnly(): Response {
  const error = refusal(
    RPC_CODES.invalidRequest,
    "METHOD_NOT_ALLOWED",
    "Cannot answer this as JSON-RPC: requests come as POST or over a WebSocket",
    `POST {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}, or GET /health.`,
  );
  const response = errorResponse(405, error);
  response.headers.set("allow", "POST");
  return response;
}

function bodyTooLarge(limits: RpcLimits): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "BODY_TOO_LARGE",
    `Cannot read the body as JSON-RPC: it has more than ${limits.maxBodyBytes} bytes`,
    `Split the batch so that each body has at most ${limits.maxBodyBytes} bytes.`,
  );
}

function bodyTooSlow(limits: RpcLimits): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "BODY_TOO_SLOW",
    `Cannot read the body as JSON-RPC: it was not whole after ${limits.bodyTimeoutMs} ms`,
    "Send the request again, all of it.",
  );
}

function bodiesTooMany(): RpcError {
  return refusal(
    RPC_CODES.limitExceeded,
    "BODIES_TOO_MANY",
    "Cannot read a body of this length now: others are still arriving",
    "Send the request again later, or in smaller parts.",
  );
}

function bodyBroken(): RpcError {
  return refusal(
    RPC_CODES.invalidRequest,
    "BODY_BROKEN",
    "Cannot read the body as JSON-RPC: it ended before its announced length",
    "Send the request again, all of it.",
  );
}

/** Waits for `work`, but no longer than `timeoutMs`. */
async function withinMs(timeoutMs: number, work: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work(), timeout]);
  clearTimeout(timer);
}
