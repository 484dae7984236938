/**
 * JSON-RPC on a port: HTTP and WebSocket side by side.
 *
 * Owns listening, bounds on what arrives and an orderly end. Does not own who may ask
 * (`access.ts`), WebSockets (`socket_server.ts`) or what is answered (`dispatch.ts`).
 * @module
 */
import { assert, RollupError } from "../../core/primitives/errors.ts";
import type { Log } from "../../core/primitives/ports.ts";
import { type AccessRules, createAccessRules, hostForUrl } from "./access.ts";
import { readBody } from "./body.ts";
import { createDispatcher, type Dispatcher, errorAnswer, type RpcMethods } from "./dispatch.ts";
import { refusal, RPC_CODES, RpcError } from "./errors.ts";
import { RPC_LIMITS, type RpcLimits } from "./limits.ts";
import { createSocketServer, type SocketServer } from "./socket_server.ts";

/** Codes that this file throws. */
export type RpcServerErrorCode = "PORT_IN_USE";

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
  /** Flag that chooses the port, for the message when it is taken; `--port` by default. */
  readonly portFlag?: string;
}

/** A port that is being served. */
export interface RpcServer {
  readonly port: number;
  /** `http://HOST:PORT`; WebSockets are at the same place. */
  readonly url: string;
  readonly addr: Deno.NetAddr;
  /** Takes no more, answers what it took, closes every connection. Safe to call twice. */
  shutdown(): Promise<void>;
}

/** What answering one HTTP request takes. */
interface Answering {
  readonly dispatcher: Dispatcher;
  readonly rules: AccessRules;
  readonly sockets: SocketServer;
  readonly limits: RpcLimits;
  readonly isStopping: () => boolean;
  /** Notes that the body is whole: from here on the request is answered come what may. */
  readonly accept: () => void;
}

/**
 * Serves `methods`; the port is open when this returns.
 *
 * @throws `PORT_IN_USE`
 */
export function createRpcServer(options: RpcServerOptions): RpcServer {
  const limits = { ...RPC_LIMITS, ...options.limits };
  const { methods, log } = options;
  const dispatcher = createDispatcher(methods, limits);
  const rules = createAccessRules(options);
  const sockets = createSocketServer({ methods, dispatcher, limits, log });
  const unsent = new Set<Promise<void>>();
  const abort = new AbortController();
  let stopping = false;

  const server = listen(options, abort.signal, async (request, { completed }) => {
    const accept = () => {
      const sent = completed.catch(() => log.debug("A client left before its answer"));
      unsent.add(sent);
      sent.finally(() => unsent.delete(sent));
    };
    const isStopping = () => stopping;
    try {
      const answering = { dispatcher, rules, sockets, limits, isStopping, accept };
      return await answerRequest(request, answering);
    } catch (error) {
      log.warn("Could not answer an HTTP request", {
        error: error instanceof Error ? error.message : String(error),
      });
      return errorResponse(500, new RpcError(RPC_CODES.internalError, "internal error"));
    }
  });
  const { addr } = server;
  assert(addr.transport === "tcp", "a server with a host name listens on TCP");

  const stop = async (): Promise<void> => {
    stopping = true;
    // Clients that neither read nor close must not keep the end waiting for ever.
    await withinMs(limits.drainTimeoutMs, async () => {
      await Promise.all([sockets.close(), ...unsent]);
    });
    await methods.close();
    // Not `server.shutdown()`: it would wait for requests whose body never arrives.
    abort.abort();
    await server.finished;
  };
  let stopped: Promise<void> | undefined;
  return {
    port: addr.port,
    url: `http://${hostForUrl(options.host)}:${addr.port}`,
    addr,
    shutdown: () => stopped ??= stop(),
  };
}

function listen(
  options: RpcServerOptions,
  signal: AbortSignal,
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  const { host, port, portFlag = "--port" } = options;
  try {
    return Deno.serve({ hostname: host, port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new RollupError<RpcServerErrorCode>(
      "PORT_IN_USE",
      `Cannot listen on ${hostForUrl(host)}:${port}: another program does`,
      {
        details: { host, port },
        mend: `Choose another port with \`${portFlag} N\`, or \`${portFlag} 0\` for any free one.`,
        cause: error,
      },
    );
  }
}

async function answerRequest(request: Request, answering: Answering): Promise<Response> {
  const { dispatcher, rules, sockets, limits } = answering;
  if (answering.isStopping()) return stoppingResponse();
  const url = new URL(request.url);
  const refused = rules.refuse({
    host: request.headers.get("host") ?? url.host,
    origin: request.headers.get("origin"),
  });
  if (refused !== undefined) return errorResponse(403, refused);
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") {
    return sockets.upgrade(request);
  }
  if (request.method === "GET" && url.pathname === "/health") return jsonResponse(200, HEALTHY);
  if (request.method !== "POST") return postOnly();
  const body = await readBody(request, limits);
  if (body.kind === "too large") return errorResponse(413, bodyTooLarge(limits));
  if (body.kind === "too slow") return errorResponse(408, bodyTooSlow(limits));
  if (answering.isStopping()) return stoppingResponse();
  answering.accept();
  const answer = await dispatcher.dispatchText(body.text);
  // Notifications alone have no answer.
  return answer === undefined ? new Response(null, { status: 204 }) : jsonResponse(200, answer);
}

const HEALTHY = JSON.stringify({ status: "ok" });

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

/** Waits for `work`, but no longer than `timeoutMs`. */
async function withinMs(timeoutMs: number, work: () => Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work(), timeout]);
  clearTimeout(timer);
}
